"""Registered versions of the model `churn` with their files, read without the libraries that train them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.ml.churn.batch_scorer import ModelRecord

if TYPE_CHECKING:
    from shoplake.pipeline.models.churn_tables import ChurnLake
    from shoplake.pipeline.models.registry import ModelRegistry

NAME = "churn"


def load_record(lake: ChurnLake, registry: ModelRegistry, row: dict[str, Any]) -> ModelRecord:
    """Return a registered version with the content of its file."""
    return ModelRecord(
        row["version"],
        registry.read_file(row),
        row["sha256"],
        tuple(row["features"]),
        row["params"]["calibration"],
        lake.meanings,
        lake.defaults,
    )

"""Registered versions of the model `churn` with their files, read without the libraries that train them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.ml.churn.batch_scorer import ModelRecord
from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.models.fingerprint import hash_features

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


def has_changed_features(lake: ChurnLake, row: dict[str, Any]) -> bool:
    """Whether the features of a registered version are declared otherwise than when it was trained.

    Raises TrainingError where one of them is not declared any more: no value stands for it.
    """
    gone = [name for name in row["features"] if name not in lake.names]
    if gone:
        raise TrainingError(
            f"Version {row['version']} of churn was trained with {', '.join(gone)}: no such feature is declared now. "
            "Declare it again, or train a new version: shoplake train churn"
        )
    return bool(hash_features([each for each in lake.features if each.name in row["features"]]) != row["features_hash"])

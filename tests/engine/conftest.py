from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sample_tables import CATALOG, marks, records

from shoplake.engine.write.delta_engine import DeltaEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult


@pytest.fixture
def engine(spark: SparkSession, tmp_path: Path) -> DeltaEngine:
    """A lake with the sample tables, empty."""
    made = DeltaEngine(spark, str(tmp_path / "lake"))
    for table in CATALOG.ordered:
        made.create_if_missing(table)
    return made


@pytest.fixture
def take(engine: DeltaEngine, spark: SparkSession) -> Callable[..., WriteResult]:
    """Ingest records into a sample table, as one batch."""

    def ingested(*output: Any, into: Table[...] = marks, batch: str = "b000000001") -> WriteResult:
        return engine.write(into, into(records(spark, *output, batch=batch)))

    return ingested

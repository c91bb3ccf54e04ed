from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from sample_tables import CATALOG, marks, records

from shoplake.engine.state.state_store import StateStore
from shoplake.engine.write.delta_engine import DeltaEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult


@pytest.fixture(scope="session")
def empty_tables(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lake with the sample tables, empty; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("empty") / "lake"
    for table in CATALOG.ordered:
        DeltaEngine(spark, str(folder)).create_if_missing(table)
    return folder


@pytest.fixture
def engine(spark: SparkSession, empty_tables: Path, tmp_path: Path) -> DeltaEngine:
    """A lake with the sample tables, empty."""
    return DeltaEngine(spark, str(shutil.copytree(empty_tables, tmp_path / "lake")))


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lake with an empty state store; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("state") / "lake"
    StateStore(str(folder)).create_if_missing()
    return folder


@pytest.fixture
def state_store(empty_state: Path, tmp_path: Path) -> StateStore:
    """An empty state store, in the lake of the test."""
    return StateStore(str(shutil.copytree(empty_state, tmp_path / "lake", dirs_exist_ok=True)))


@pytest.fixture
def take(engine: DeltaEngine, spark: SparkSession) -> Callable[..., WriteResult]:
    """Ingest records into a sample table, as one batch."""

    def ingested(*output: Any, into: Table[...] = marks, batch: str = "b000000001") -> WriteResult:
        return engine.write(into, into(records(spark, *output, batch=batch)))

    return ingested

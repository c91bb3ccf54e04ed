"""Tests on a catalog whose storage this process cannot see; they share one server, and begin without tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hidden.hidden_storage import CATALOG, HiddenStorage, hidden_storage_server

from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.session.spark.session import SparkSessions
from shoplake.engine.write.delta_engine import DeltaEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder: they need a server of their own."""
    folder = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(folder):
            item.add_marker("slow")
            item.add_marker("spark")


@pytest.fixture(scope="session")
def hidden() -> Iterator[HiddenStorage]:
    """The server."""
    with hidden_storage_server() as running:
        yield running


@pytest.fixture(scope="session")
def catalog_session(hidden: HiddenStorage) -> SparkSession:
    """A session on it."""
    return SparkSessions().session(hidden.remote)


@pytest.fixture
def catalog_engine(catalog_session: SparkSession, tmp_path: Path) -> Iterator[DeltaEngine]:
    """An engine on its catalog, which is empty before and afterwards."""
    _empty(catalog_session)
    yield DeltaEngine(catalog_session, str(tmp_path / "lake"), SPARK, CATALOG)
    _empty(catalog_session)


def _empty(catalog_session: SparkSession) -> None:
    for layer in ("bronze", "silver", "gold", "ops"):
        catalog_session.sql(f"DROP SCHEMA IF EXISTS {CATALOG}.{layer} CASCADE").collect()

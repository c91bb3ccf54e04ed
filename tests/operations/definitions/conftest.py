from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sample_changes import ChangingLake, fill

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


@pytest.fixture(scope="package")
def filled(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> ChangingLake:
    """A lake of two batches; tests work on copies of it."""
    lake = ChangingLake(spark, tmp_path_factory.mktemp("filled"))
    fill(lake)
    return lake


@pytest.fixture
def lake(filled: ChangingLake, tmp_path: Path) -> ChangingLake:
    """A copy of the filled lake."""
    return filled.copy(tmp_path / "copy")

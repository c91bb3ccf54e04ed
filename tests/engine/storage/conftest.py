from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import write_deltalake

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = "silver/events"


@pytest.fixture
def small_lake(tmp_path: Path) -> Path:
    """A lake of one table with three commits of a row each."""
    for number in range(3):
        add_row(tmp_path, number)
    return tmp_path


@pytest.fixture
def commit(small_lake: Path) -> Callable[[int], Path]:
    """Where a commit of that table lies."""
    return lambda version: small_lake / EVENTS / "_delta_log" / f"{version:020d}.json"


def add_row(lake: Path, number: int, table: str = EVENTS) -> None:
    write_deltalake(str(lake / table), pa.table({"n": [number]}), mode="append")

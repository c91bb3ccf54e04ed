from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shoplake.quality import BROKEN, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, Row

    from shoplake.declare import Table

ARRIVED = {"feed": "shop", "file": "one", "batch_id": "b1", "ingested_at": "2026-03-02 00:00:00"}


@pytest.fixture
def arrived(some) -> Callable[..., DataFrame]:
    """Raw records of a bronze table, on lines 1, 2, 3 … of one file."""

    def rows(table: Table[...], *texts: str, **same: Any) -> DataFrame:
        return some(table, *[ARRIVED | {"raw": text, "line": at} | same for at, text in enumerate(texts, 1)])

    return rows


@pytest.fixture
def parted() -> Callable[..., tuple[list[Row], dict[int, list[str]]]]:
    """Judge a table's rows: the good ones by line, and for the lines of the others their reasons."""

    def judged(table: Table[...], rows: DataFrame) -> tuple[list[Row], dict[int, list[str]]]:
        both = sorted(judge(rows, table.expectations).collect(), key=lambda row: row._record.line)
        return [row for row in both if not row[BROKEN]], {row._record.line: row[BROKEN] for row in both if row[BROKEN]}

    return judged

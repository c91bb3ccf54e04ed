from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shoplake.transforms.expectations import BROKEN, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, Row

    from shoplake.declare import Table


@pytest.fixture
def parted() -> Callable[..., tuple[list[Row], dict[int, list[str]]]]:
    """Judge a table's rows: the good ones by line, and for the lines of the others their reasons."""

    def judged(table: Table[...], rows: DataFrame) -> tuple[list[Row], dict[int, list[str]]]:
        both = sorted(judge(rows, table.expectations).collect(), key=lambda row: row._record.line)
        return [row for row in both if not row[BROKEN]], {row._record.line: row[BROKEN] for row in both if row[BROKEN]}

    return judged

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, Row

    from shoplake.declare import Table


@pytest.fixture
def split_rows() -> Callable[..., tuple[list[Row], dict[int, list[str]]]]:
    """Judge a table's rows: the good ones by line, and for the lines of the others their reasons."""

    def evaluate(table: Table[...], rows: DataFrame) -> tuple[list[Row], dict[int, list[str]]]:
        both = sorted(evaluate_expectations(rows, table.expectations).collect(), key=lambda row: row._source.line)
        return [row for row in both if not row[VIOLATIONS]], {
            row._source.line: row[VIOLATIONS] for row in both if row[VIOLATIONS]
        }

    return evaluate

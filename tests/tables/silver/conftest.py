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
    """Split a table's rows: the valid ones by line, and the violations of the others by line."""

    def evaluate(table: Table[...], rows: DataFrame) -> tuple[list[Row], dict[int, list[str]]]:
        both = sorted(evaluate_expectations(rows, table.expectations).collect(), key=lambda row: row._source.line)
        return [row for row in both if not row[VIOLATIONS]], {
            row._source.line: row[VIOLATIONS] for row in both if row[VIOLATIONS]
        }

    return evaluate

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

    from shoplake.declare import Table

ARRIVED = {"feed": "shop", "file": "one", "batch_id": "b1", "ingested_at": "2026-03-02 00:00:00"}


@pytest.fixture
def arrived(some) -> Callable[..., DataFrame]:
    """Raw records of a bronze table, on lines 1, 2, 3 … of one file."""

    def rows(table: Table[...], *texts: str, **same: Any) -> DataFrame:
        return some(table, *[ARRIVED | {"raw": text, "line": at} | same for at, text in enumerate(texts, 1)])

    return rows

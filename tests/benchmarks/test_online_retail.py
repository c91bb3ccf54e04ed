"""Every gold table of UCI Online Retail as published, row for row against the hand-written DuckDB SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pytest
from peer import GOLD, build_gold, differences
from reliability.lakes import bring, lake_at, listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
FILES = 50
"""The days of invoices that are built: enough for cohorts, moves between segments and expectations of a day."""


class Builds(NamedTuple):
    lake: Path
    out: Path
    connection: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Iterator[Builds]:
    """A lake of the first invoices, and the gold tables that the SQL makes of its silver tables."""
    folder, source = tmp_path_factory.mktemp("retail"), real_data / "online_retail"
    bring(folder / "landing", source, sorted(source.glob("*.csv"))[:FILES])
    lake_at(folder / "lake", folder / "landing", "online_retail").run()
    with duckdb.connect() as connection:
        build_gold(connection, folder / "lake", folder / "out")
        yield Builds(folder / "lake", folder / "out", connection)


@pytest.mark.parametrize("table", GOLD)
def test_every_row_of_a_table_is_that_of_the_hand_written_sql(retail: Builds, table: str):
    assert differences(retail.connection, retail.lake, retail.out, table) == []


@pytest.mark.parametrize("table", ["order_values", "sales_daily", "customer_360", "cohorts_weekly", "product_affinity"])
def test_the_invoices_fill_the_tables_of_orders(retail: Builds, table: str):
    assert listed(retail.lake, f"gold/{table}")

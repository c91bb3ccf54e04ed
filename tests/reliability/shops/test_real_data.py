"""UCI Online Retail as published: the same tables however its files arrive, and the control totals to the penny."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ..lakes import ANSWERS, content, difference, lake_at, listed, read, totals
from .test_equality import build

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
TABLES = ("orders_raw", "refunds_raw", "order_lines", "sales_daily")


@pytest.fixture(scope="module")
def all_days(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Path:
    """A lake that ingested all 141 files in one run."""
    lake = tmp_path_factory.mktemp("retail") / "lake"
    lake_at(lake, real_data / "online_retail", "online_retail", tables=TABLES).run()
    return lake


@pytest.fixture(scope="module")
def lines(all_days: Path) -> pa.Table:
    return read(all_days, "silver/order_lines")


@pytest.fixture(scope="module")
def aside(all_days: Path) -> list[dict[str, Any]]:
    return listed(all_days, "silver/order_lines_quarantine")


def test_days_that_arrive_in_any_order_give_the_tables_of_one_run(tmp_path: Path, real_data: Path):
    days = sorted((real_data / "online_retail").glob("*.csv"))[:24:2]
    arrivals = [(day, day.name) for day in days]
    once, split = tmp_path / "once", tmp_path / "split"
    for folder, runs in ((once, 1), (split, 2)):
        folder.mkdir()
        build(folder, arrivals, seed=1, runs=runs, kind="online_retail")

    assert difference(content(split / "lake", ANSWERS), content(once / "lake", ANSWERS)) == {}
    assert totals(split / "lake", "silver/order_lines") == totals(once / "lake", "silver/order_lines")


def test_every_line_is_in_silver_or_quarantined_and_none_of_the_money_is_lost(lines: pa.Table, aside):
    assert lines.num_rows + len(aside) == 209_029
    assert pc.sum(lines.column("amount")).as_py() == Decimal("3706827.6410")
    assert [row["reasons"] for row in aside] == [["quantity_fits_kind"]] * 651


def test_invoices_customers_and_countries_are_those_published(lines: pa.Table, aside):
    invoices = {*lines.column("order_id").unique().to_pylist(), *[row["raw"].split(",")[0] for row in aside]}

    assert len(invoices) == 10_783
    assert len(lines.column("customer_id").drop_null().unique()) == 2_767
    assert len(lines.column("country").unique()) == 36


def test_sales_add_up_to_the_control_totals(all_days: Path):
    days = listed(all_days, "gold/sales_daily")
    names = ("gross_sales", "discounts", "returns", "net_sales", "shipping")

    assert [sum(row[name] for row in days) for name in names] == [
        Decimal(each) for each in ("3907131.59", "3320.19", "170450.47", "3733360.93", "106509.07")
    ]
    assert sum(row["orders"] for row in days) == 8_400

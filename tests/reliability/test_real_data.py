"""UCI Online Retail as published: the same tables however its files arrive, and the control totals to the penny."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from .lakes import ANSWERS, content, difference, lake_at, listed, totals
from .test_equality import build

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Path:
    """A lake that took in all 141 files at once."""
    lake = tmp_path_factory.mktemp("retail") / "lake"
    lake_at(lake, real_data / "online_retail", "online_retail").run()
    return lake


def test_days_that_arrive_in_any_order_give_the_tables_of_one_run(tmp_path: Path, real_data: Path):
    days = sorted((real_data / "online_retail").glob("*.csv"))[:24:2]
    arrivals = [(day, day.name) for day in days]
    (tmp_path / "once").mkdir()
    (tmp_path / "split").mkdir()

    once = build(tmp_path / "once", arrivals, seed=0, runs=1, kind="online_retail")
    split = build(tmp_path / "split", arrivals, seed=1, runs=4, kind="online_retail")

    assert difference(content(split, ANSWERS), content(once, ANSWERS)) == {}
    assert totals(split, "silver/order_lines") == totals(once, "silver/order_lines")


def test_every_line_is_in_silver_or_set_aside_and_none_of_the_money_is_lost(whole: Path):
    lines, aside = listed(whole, "silver/order_lines"), listed(whole, "silver/order_lines_quarantine")

    assert len(lines) + len(aside) == 209_029
    assert sum(row["amount"] for row in lines) == Decimal("3706827.6410")
    assert [row["reasons"] for row in aside] == [["quantity_fits_kind"]] * 651


def test_invoices_customers_and_countries_are_those_published(whole: Path):
    lines, aside = listed(whole, "silver/order_lines"), listed(whole, "silver/order_lines_quarantine")
    invoices = {row["order_id"] for row in lines} | {row["raw"].split(",")[0] for row in aside}

    assert len(invoices) == 10_783
    assert len({row["customer_id"] for row in lines if row["customer_id"]}) == 2_767
    assert len({row["country"] for row in lines}) == 36


def test_sales_add_up_to_the_control_totals(whole: Path):
    days = listed(whole, "gold/sales_daily")
    names = ("gross_sales", "discounts", "returns", "net_sales", "shipping")

    assert [sum(row[name] for row in days) for name in names] == [
        Decimal(each) for each in ("3907131.59", "3320.19", "170450.47", "3733360.93", "106509.07")
    ]
    assert sum(row["orders"] for row in days) == 8_400

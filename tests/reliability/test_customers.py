"""Customers: whatever order files arrive in, the tables by customer are those of a full build, and they tie out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sample_customers import history

from .lakes import content, difference, drop, lake_at, listed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
TABLES = ("customer_360", "cohorts_monthly", "cohorts_weekly", "segment_moves_monthly", "segment_cutoffs")
ANSWERS = tuple(f"gold/{name}" for name in (*TABLES, "customer_days", "customer_months", "customer_facts"))


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of all files in one run."""
    folder = tmp_path_factory.mktemp("customers")
    orders, refunds, events = history()
    drop(folder / "landing", "orders/a.json", *orders)
    drop(folder / "landing", "refunds/a.json", *refunds)
    drop(folder / "landing", "events/a.json", *events)
    lake_at(folder / "lake", folder / "landing", tables=TABLES).run()
    return folder / "lake"


@pytest.fixture(scope="module")
def in_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of the same records in two runs, the first orders of some customers in the last one."""
    folder = tmp_path_factory.mktemp("parts")
    lake = lake_at(folder / "lake", folder / "landing", tables=TABLES)
    parts = [sorted(records, key=str, reverse=True) for records in history()]
    for number in range(2):
        for name, records in zip(("orders", "refunds", "events"), parts, strict=True):
            drop(folder / "landing", f"{name}/{number}.json", *records[number::2])
        lake.run()
    return folder / "lake"


def test_wrong_answer_7_incremental_cohorts_differ_from_a_full_build(at_once: Path, in_parts: Path):
    assert difference(content(in_parts, ANSWERS), content(at_once, ANSWERS)) == {}


def test_customers_and_guests_together_are_the_order_lines_to_the_fourth_decimal(at_once: Path):
    lines = [row for row in listed(at_once, "silver/order_lines") if row["status"] != "cancelled"]
    expected = sum(row["amount"] for row in lines if row["line_class"] in ("goods", "discount"))
    months = listed(at_once, "gold/customer_months")

    assert sum(row["net"] for row in months) == expected
    assert (
        len({row["order_id"] for row in lines if row["kind"] == "sale"}) == sum(row["orders"] for row in months) == 40
    )


def test_customer_360_has_the_net_of_all_but_the_guests(at_once: Path):
    net = {None: Decimal(0)}
    for row in listed(at_once, "gold/customer_months"):
        net[row["customer_id"]] = net.get(row["customer_id"], Decimal(0)) + row["net"]

    customers = {row["customer_id"]: row["net"] for row in listed(at_once, "gold/customer_360")}

    assert net.pop(None) > 0
    assert customers == {name: value.quantize(Decimal("0.01"), "ROUND_HALF_UP") for name, value in net.items()}


def test_cohorts_have_the_customers_who_ever_ordered_each_once(at_once: Path):
    ordered = {row["customer_id"] for row in listed(at_once, "gold/customer_360") if row["orders"]}

    for table, number in (("cohorts_monthly", "month_number"), ("cohorts_weekly", "week_number")):
        cells = [row for row in listed(at_once, f"gold/{table}") if row[number] == 0]
        assert sum(row["customers"] for row in cells if row["acquisition_channel"] == "all") == len(ordered) == 4
        assert sum(row["customers"] for row in cells if row["acquisition_channel"] != "all") == len(ordered)


def test_the_customer_who_only_returned_is_in_no_cohort_and_below_zero(at_once: Path):
    [eve] = [row for row in listed(at_once, "gold/customer_360") if row["customer_id"] == "eve"]

    assert (eve["net"], eve["orders"], eve["segment"]) == (Decimal("-3.33"), 0, None)


@pytest.mark.real_data
def test_online_retail_has_the_cohorts_of_an_independent_count(real_data: Path, tmp_path: Path):
    tables = ("cohorts_monthly",)
    lake_at(tmp_path / "lake", real_data / "online_retail", "online_retail", tables=tables).run()

    cells = [row for row in listed(tmp_path / "lake", "gold/cohorts_monthly") if row["acquisition_channel"] == "all"]
    rows: dict[str, list[int]] = {}
    for row in sorted(cells, key=lambda row: row["month_number"]):
        rows.setdefault(str(row["cohort_month"])[:7], []).append(row["active"])

    assert [row[0] for _, row in sorted(rows.items())] == [884, 416, 380, 452, 300, 284]
    assert rows["2010-12"] == [884, 323, 286, 339, 320, 352]
    assert rows["2011-01"] == [416, 91, 111, 95, 132]

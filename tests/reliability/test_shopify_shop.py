"""A shop in Shopify's format: what is generated comes out again to the cent, in whatever order its files arrive."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from shoplake.simulate.shopify import GroundTruth, generate

from .lakes import bring, content, difference, drop, lake_at, listed, raw_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
SHOP: dict[str, Any] = {"orders": 250, "customers": 40, "products": 30, "days": 12, "error_rate": 0.05}
TABLES = ("sales_daily", "payments", "customers", "products")
COMPARED = ("silver/order_lines", "silver/payments", "silver/products", "silver/customers", "gold/sales_daily")
COUNTS = {"orders", "customers", "units", "cancelled_orders", "paid", "pending", "failed", "refunded"}


@dataclass(frozen=True)
class Shop:
    """A shop's files, their ground truth, and the lake of all of them."""

    landing: Path
    lake: Path
    ground_truth: GroundTruth


def ingest(folder: Path, **changes: Any) -> Shop:
    ground_truth = generate(folder / "landing", **(SHOP | changes))
    lake_at(folder / "lake", folder / "landing", "shopify", tables=TABLES).run()
    return Shop(folder / "landing", folder / "lake", ground_truth)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return ingest(tmp_path_factory.mktemp("shopify_sent"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return ingest(tmp_path_factory.mktemp("shopify_exported"), export=True)


def numbers(cells: dict[str, Any]) -> dict[str, Any]:
    return {name: cell if name in COUNTS or cell is None else Decimal(cell) for name, cell in cells.items()}


def sales_of(lake: Path) -> dict[str, dict[str, Any]]:
    rows = listed(lake, "gold/sales_daily")
    assert {row["currency"] for row in rows} == {"GBP"}
    return {str(row["sales_date"]): row | {"units": row["units_sold"]} for row in rows}


def payments_of(lake: Path) -> dict[tuple[str, str], Counter[str]]:
    days: dict[tuple[str, str], Counter[str]] = {}
    for row in listed(lake, "silver/payments"):
        sums = days.setdefault((str(row["paid_date"]), row["currency"]), Counter())
        sums.update({row["status"]: 1, f"{row['status']}_total": abs(row["amount"])})
    return days


@pytest.mark.parametrize("name", ["sent", "exported"])
def test_the_sales_of_each_day_are_the_ground_truth(request, name):
    shop = request.getfixturevalue(name)
    expected = {date: numbers(sales) for date, sales in shop.ground_truth["sales_daily"].items()}
    built = sales_of(shop.lake)

    assert {date: {key: row[key] for key in expected[date]} for date, row in built.items()} == expected


@pytest.mark.parametrize("name", ["sent", "exported"])
def test_the_payments_of_each_day_and_currency_are_the_ground_truth(request, name):
    shop = request.getfixturevalue(name)
    days = shop.ground_truth["payments_daily"].items()
    expected = {(date, currency): numbers(sums) for date, by_currency in days for currency, sums in by_currency.items()}
    built = payments_of(shop.lake)

    assert {day: {key: sums[key] for key in expected[day]} for day, sums in built.items()} == expected


def test_each_invalid_record_and_each_of_a_test_order_is_quarantined(sent):
    causes = sent.ground_truth["quarantined"]
    lines, payments = (listed(sent.lake, f"silver/{name}_quarantine") for name in ("order_lines", "payments"))

    assert len(lines) == sum(causes["orders"].values()) + sum(causes["refunds"].values())
    assert len(payments) == sum(causes["transactions"].values())
    tests = Counter(row["file"].split("/")[0] for row in lines + payments if row["reasons"] == ["test_order"])
    assert tests == {name: causes[name]["test"] for name in ("orders", "transactions")}


@pytest.mark.parametrize("table", ["products", "customers"])
def test_products_and_customers_have_the_versions_of_the_ground_truth(sent, table):
    rows = listed(sent.lake, f"silver/{table}")

    ids = {row[f"{table.removesuffix('s')}_id"] for row in rows}
    assert {"ids": len(ids), "versions": len(rows)} == sent.ground_truth[table]


def test_files_in_any_order_split_and_sent_again_give_the_tables_of_one_run(sent, tmp_path):
    files = random.Random(3).sample(raw_files(sent.landing), len(raw_files(sent.landing)))
    again = [file for file in files if file.parent.name in ("orders", "refunds")][:6]
    bring(tmp_path / "landing", sent.landing, files[::2])
    lake_at(tmp_path / "lake", tmp_path / "landing", "shopify", tables=TABLES).run()
    for file in again:
        drop(tmp_path / "landing", f"{file.parent.name}/again-{file.name}", *file.read_text().splitlines()[::-1])
    bring(tmp_path / "landing", sent.landing, files[1::2])
    lake_at(tmp_path / "lake", tmp_path / "landing", "shopify", tables=TABLES).run()

    assert difference(content(tmp_path / "lake", COMPARED), content(sent.lake, COMPARED)) == {}

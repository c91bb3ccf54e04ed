import json
from collections import Counter
from decimal import Decimal

import pytest
from reliability.lakes import content, drop, lake_at, listed, totals

from shoplake.declare import Feed
from shoplake.feeds import SHOPIFY
from shoplake.feeds.shopify import order_lines
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.transforms.expectations import VIOLATIONS

from .test_export import FIRST, HEADER, SECOND, row
from .test_orders import CAP, MUG, ORDER, PART, REFUND
from .test_refunds import MONEY_BACK
from .test_transactions import SALE

REFUNDED = REFUND | {"transactions": [MONEY_BACK]}
BODIES = [
    ORDER | {"line_items": [MUG | {"current_quantity": 1}, CAP], "refunds": [REFUNDED]},
    ORDER
    | {"id": 501, "customer": None, "line_items": [CAP | {"id": 21}], "shipping_lines": [], "total_discounts": "0"},
]
TRIAL = ORDER | {"id": 502, "test": True}
TABLES = ("silver/order_lines", "silver/payments", "gold/sales_daily")


@pytest.mark.parametrize(
    ("path", "into"),
    [
        ("orders/1.json", "orders_raw"),
        ("transactions/1.json", "orders_raw"),
        ("orders_export_1.csv", "orders_raw"),
        ("refunds/1.json.gz", "refunds_raw"),
        ("products/1.json", "products_raw"),
        ("customers/1.json", "customers_raw"),
        ("checkouts/1.json", None),
    ],
)
def test_each_file_belongs_to_one_stream_or_to_none(path, into):
    assert [stream.into for stream in SHOPIFY.streams if stream.matches(path)] == ([into] if into else [])


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of two orders, a part of one, one of a test, a refund that arrives twice, a payment; and its folder."""
    folder = tmp_path_factory.mktemp("shopify")
    drop(folder / "landing", "orders/1.json", *BODIES, TRIAL, "garbage", PART | {"updated_at": "2026-04-01T00:00:00Z"})
    drop(folder / "landing", "refunds/1.json", {"refund": REFUNDED})
    drop(folder / "landing", "transactions/1.json", SALE, SALE | {"id": 72, "kind": "authorization"})
    drop(folder / "landing", "orders_export_1.csv", HEADER, row(FIRST | {"Id": "600"}), row(SECOND))
    lake = lake_at(folder / "lake", folder / "landing", "shopify", tables=("sales_daily", "payments"))
    lake.run()
    return lake, folder


@pytest.mark.parametrize(
    "packing", ["", *(pytest.param(name, marks=pytest.mark.slow) for name in (".gz", ".zst")), ".zip"]
)
def test_an_export_is_read_however_it_is_packed(lines_of, packing):
    feed = Feed("shop", SHOPIFY, "landing", "Europe/London", "GBP")

    rows = lines_of(order_lines, feed, row(FIRST), row(SECOND), header=HEADER, file=f"orders_export_1.csv{packing}")

    assert [each[VIOLATIONS] for each in rows] == [[]] * 5


@pytest.mark.slow
def test_days_of_sales_are_those_of_bodies_and_exports(lake):
    days = {str(each["sales_date"]): each for each in listed(lake[1] / "lake", "gold/sales_daily")}

    items = [item for order in BODIES for item in order["line_items"]]
    gross = sum(item["quantity"] * Decimal(item["price"]) for item in items)
    sold, returned = days["2026-03-01"], days["2026-03-05"]
    assert (sold["orders"], sold["units_sold"]) == (3, 3 + 1 + 1 + 4)
    assert (sold["gross_sales"], sold["discounts"]) == (gross + Decimal("42.50"), Decimal("7.00"))
    assert (sold["shipping"], returned["returns"]) == (10, 18)


@pytest.mark.slow
def test_the_test_order_garbage_and_a_part_are_quarantined_with_their_reasons(lake):
    bad = listed(lake[1] / "lake", "silver/order_lines_quarantine")

    assert Counter(each["reasons"][0] for each in bad) == {"test_order": 1, "is_json_object": 1, "lines_missing": 1}


@pytest.mark.slow
def test_each_movement_of_money_is_one_payment(lake):
    paid = Counter((each["payment_id"], str(each["amount"])) for each in listed(lake[1] / "lake", "silver/payments"))

    assert paid == {("71", "48.25"): 1, ("77", "-24.75"): 1, ("export-600", "40.00"): 1}


@pytest.mark.slow
def test_a_refund_that_arrives_both_ways_is_no_conflict(lake):
    assert totals(lake[1] / "lake", "silver/order_lines")["rows_conflicting"] == 0


@pytest.mark.slow
@pytest.mark.slow
def test_refunds_alone_do_not_revive_those_of_a_cancelled_order(tmp_path):
    at = REFUNDED["created_at"]
    refunds = [REFUNDED | {"id": number} for number in range(900, 908)]
    drop(tmp_path / "landing", "orders/1.json", ORDER | {"cancelled_at": at, "updated_at": at, "refunds": refunds})
    drop(tmp_path / "landing", "refunds/1.json", *refunds)

    lake_at(tmp_path / "lake", tmp_path / "landing", "shopify", tables=("order_lines",)).run()

    assert {each["status"] for each in listed(tmp_path / "lake", "silver/order_lines")} == {"cancelled"}


@pytest.mark.slow
@pytest.mark.slow
def test_a_webhook_that_is_sent_twice_changes_nothing(lake):
    shop, folder = lake
    before = content(folder / "lake", TABLES)

    drop(folder / "landing", "orders/2.json", *BODIES, {"order": BODIES[0]})
    drop(folder / "landing", "refunds/2.json", REFUNDED)
    shop.run()

    assert content(folder / "lake", TABLES) == before


@pytest.mark.real_data
def test_a_real_order_has_three_items_and_its_tax(arrived, real_data):
    body = json.loads((real_data / "shopify" / "py_order.json").read_text())
    feed = Feed("shop", SHOPIFY, "landing", "America/New_York", "USD")

    rows = (
        order_lines(arrived(orders_raw, json.dumps(body)), feed).select("line_class", "amount", "order_date").collect()
    )

    goods = [each for each in rows if each.line_class == "goods"]
    assert (
        sum(each.amount for each in goods) == sum(Decimal(item["price"]) for item in body["order"]["line_items"]) == 597
    )
    assert [each.amount for each in rows if each.line_class == "tax"] == [Decimal("11.94")]
    assert {str(each.order_date) for each in rows} == {"2008-01-10"}

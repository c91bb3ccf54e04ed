from datetime import date, datetime
from decimal import Decimal

import pytest

from feeds.shopify.sample_order import CAP, MUG, ORDER, money
from shoplake.declare import Feed
from shoplake.feeds import SHOPIFY
from shoplake.feeds.shopify.orders import ordered_lines
from shoplake.transforms.expectations import VIOLATIONS

FEED = Feed("shop", SHOPIFY, "landing", "Europe/Berlin", "EUR")


@pytest.fixture
def built(lines_of):
    """The lines of orders, with the rules they violate."""
    return lambda *orders: lines_of(ordered_lines, FEED, *orders)


def test_an_order_becomes_its_goods_shipping_and_discount(built):
    rows = built(ORDER)

    assert [(row.line_number, row.kind, row.line_class, row.quantity, str(row.amount)) for row in rows] == [
        (-2, "adjustment", "discount", 1, "-4.0000"),
        (-1, "sale", "shipping", 1, "5.0000"),
        (11, "sale", "goods", 3, "30.0000"),
        (12, "sale", "goods", 1, "12.5000"),
    ]
    assert [row[VIOLATIONS] for row in rows] == [[]] * 4


def test_amounts_and_taxes_add_up_to_the_orders_total(built):
    rows = built(ORDER)

    taxes = sum(row.tax or 0 for row in rows)
    assert taxes == Decimal(ORDER["total_tax"])
    assert sum(row.amount for row in rows) + taxes == Decimal(ORDER["total_price"])


def test_a_time_with_an_offset_is_utc_and_the_day_the_shops(built):
    row = built(ORDER)[2]

    assert (row.ordered_at, row.order_date) == (datetime(2026, 3, 1, 23, 30), date(2026, 3, 2))
    assert row.updated_at == datetime(2026, 3, 2, 8)


@pytest.mark.slow
def test_an_imported_order_was_ordered_when_it_was_processed(built):
    assert built(ORDER | {"processed_at": "2020-05-01T12:00:00Z"})[2].order_date == date(2020, 5, 1)


def test_a_line_says_its_variant_vendor_and_how_taxes_are_written(built):
    row = built(ORDER)[2]

    assert row.attributes == {
        **{"title": "Mug", "variant_id": "71", "variant": "blue", "sku": "MUG-B", "vendor": "Acme"},
        **{"source": "web", "taxes_included": "false"},
    }
    assert (row.product_id, row.customer_id, row.country, row.tax) == ("7", "26", "DE", Decimal("3.00"))


@pytest.mark.slow
def test_shop_money_counts_and_not_what_the_customer_paid_in(built):
    mug = MUG | {"price": "99.00", "price_set": money("10.00", "10.90"), "tax_lines": []}
    mug["discount_allocations"] = [{"amount": "9.00", "amount_set": money("3.00", "3.27")}]

    rows = built(ORDER | {"presentment_currency": "USD", "line_items": [mug], "shipping_lines": []})

    assert [(row.line_class, row.amount, row.currency) for row in rows] == [
        ("discount", -3, "EUR"),
        ("goods", 30, "EUR"),
    ]


def test_prices_with_tax_stay_and_the_tax_is_beside_them(built):
    rows = built(ORDER | {"taxes_included": True, "total_price": "43.50"})

    assert rows[2].attributes["taxes_included"] == "true"
    assert (rows[2].unit_price, rows[2].tax) == (10, 3)
    assert sum(row.amount for row in rows) == Decimal("43.50")


@pytest.mark.slow
def test_a_tax_of_the_order_alone_is_a_line(built):
    items = [{name: cell for name, cell in MUG.items() if name != "tax_lines"}]

    outside, inside = (
        [
            row.amount
            for row in built(ORDER | {"line_items": items, "taxes_included": included})
            if row.line_class == "tax"
        ]
        for included in (False, True)
    )

    assert (outside, inside) == ([Decimal("4.75")], [])


@pytest.mark.slow
def test_without_allocations_the_discount_is_the_orders(built):
    rows = built(ORDER | {"line_items": [CAP], "shipping_lines": []})

    assert [row.amount for row in rows if row.line_class == "discount"] == [-4]


def test_a_test_order_is_quarantined_as_one_row(built):
    [row] = built(ORDER | {"test": True})

    assert row[VIOLATIONS] == ["test_order"]


STATUSES = [
    ({"financial_status": "pending"}, "placed"),
    ({"financial_status": "authorized"}, "placed"),
    ({"financial_status": "partially_paid"}, "placed"),
    ({"financial_status": "paid"}, "paid"),
    ({"financial_status": "refunded"}, "paid"),
    ({"financial_status": "paid", "fulfillment_status": "partial"}, "paid"),
    ({"financial_status": "paid", "fulfillment_status": "fulfilled"}, "fulfilled"),
    ({"financial_status": "refunded", "cancelled_at": "2026-03-03T10:00:00Z"}, "cancelled"),
    ({"financial_status": None}, None),
]


@pytest.mark.parametrize(("output", "status"), STATUSES)
def test_an_orders_status_is_one_of_four_or_unknown(built, output, status):
    orders = [ORDER | {"id": number} | changes for number, (changes, _) in enumerate(STATUSES)]
    number = STATUSES.index((output, status))

    assert {row.status for row in built(*orders) if row.document_id == str(number)} == {status}


def test_a_gift_card_is_no_goods(built):
    row = built(ORDER | {"line_items": [MUG | {"gift_card": True}]})[-1]

    assert (row.line_class, row.kind, row.amount) == ("other", "sale", 30)


@pytest.mark.slow
def test_a_guest_at_the_counter_has_neither_customer_nor_country(built):
    counter = {"customer": None, "shipping_address": None, "billing_address": None, "source_name": "pos"}

    row = built(ORDER | counter | {"shipping_lines": []})[-1]

    assert (row.customer_id, row.country, row.attributes["source"], row[VIOLATIONS]) == (None, None, "pos", [])


@pytest.mark.slow
def test_a_custom_item_is_known_by_its_title(built):
    row = built(ORDER | {"line_items": [MUG | {"product_id": None, "sku": ""}]})[-1]

    assert (row.product_id, row[VIOLATIONS]) == ("Mug", [])


@pytest.mark.slow
def test_what_an_edit_removed_was_not_sold(built):
    fewer, gone = built(ORDER | {"line_items": [MUG | {"current_quantity": 1}, CAP | {"current_quantity": 0}]})[2:]

    assert (fewer.kind, fewer.quantity, fewer.amount) == ("sale", 1, 10)
    assert (gone.kind, gone.quantity, gone.amount, gone[VIOLATIONS]) == ("adjustment", 0, 0, [])


@pytest.mark.slow
def test_the_taxes_and_discounts_of_removed_pieces_are_left_out(built):
    discount, _, fewer, gone = built(
        ORDER | {"line_items": [MUG | {"current_quantity": 1}, CAP | {"current_quantity": 0}]}
    )

    assert (fewer.tax, gone.tax) == (1, 0)
    assert discount.amount == -(1 + 1)


@pytest.mark.slow
def test_the_discount_of_a_removed_item_is_not_replaced_by_that_of_the_order(built):
    gone = MUG | {"current_quantity": 0}

    rows = built(ORDER | {"line_items": [gone, CAP], "shipping_lines": [], "total_discounts": "3.00"})

    assert [row for row in rows if row.line_class == "discount"] == []


REFUND = {
    "id": 900,
    "order_id": 500,
    "created_at": "2026-03-05T12:00:00+01:00",
    "refund_line_items": [
        {"id": 91, "line_item_id": 11, "quantity": 2, "subtotal": 18.0, "total_tax": 1.8, "line_item": MUG},
    ],
    "order_adjustments": [],
    "transactions": [],
}


@pytest.mark.slow
def test_what_a_refund_returned_was_sold(built):
    rows = built(ORDER | {"line_items": [MUG | {"current_quantity": 1}], "refunds": [REFUND]})

    goods = [(row.document_id, row.kind, row.quantity, row.amount) for row in rows if row.line_class == "goods"]
    assert goods == [("500", "sale", 3, 30), ("900", "return", -2, -18)]


@pytest.mark.slow
def test_a_refund_of_a_cancelled_order_is_cancelled_too(built):
    rows = built(ORDER | {"cancelled_at": "2026-03-06T10:00:00Z", "refunds": [REFUND]})

    assert {row.status for row in rows} == {"cancelled"}


@pytest.mark.slow
def test_a_body_in_a_wrapper_is_the_same_order(built):
    wrapped, bare = ([{**row.asDict(), "_source": None} for row in built(sent)] for sent in ({"order": ORDER}, ORDER))

    assert wrapped == bare

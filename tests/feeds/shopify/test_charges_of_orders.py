from decimal import Decimal

import pytest

from feeds.shopify.sample_order import MUG, ORDER, money
from shoplake.feeds.shopify.orders import ordered_lines
from shoplake.transforms.expectations import VIOLATIONS

from .test_orders import FEED


@pytest.fixture
def built(lines_of):
    """The lines of orders, with the rules they violate."""
    return lambda *orders: lines_of(ordered_lines, FEED, *orders)


@pytest.mark.slow
def test_tips_and_duties_are_other_lines(built):
    rows = built(ORDER | {"total_tip_received": "2.00", "original_total_duties_set": money("6.00", "7.00")})

    assert [(row.line_number, row.amount) for row in rows if row.line_class == "other"] == [(-5, 6), (-4, 2)]


TIP = {"id": 13, "product_id": None, "title": "Tip", "quantity": 1, "current_quantity": 1, "price": "2.00"}
TIP |= {"tip_payment_gateway": "shopify_payments", "tip_payment_method": "Visa", "tax_lines": []}


@pytest.mark.parametrize(("received", "beyond"), [("2.00", []), ("3.50", [Decimal("1.5")])], ids=["all", "some"])
def test_a_tip_that_is_an_item_is_no_goods_and_counts_once(built, received, beyond):
    rows = built(ORDER | {"line_items": [MUG, TIP], "total_tip_received": received})

    assert [(row.line_number, row.line_class) for row in rows if row.amount == 2] == [(13, "other")]
    assert [row.amount for row in rows if row.line_number == -4] == beyond


@pytest.mark.slow
def test_duties_within_the_prices_are_no_line(built):
    rows = built(ORDER | {"original_total_duties_set": money("6.00", "7.00"), "duties_included": True})

    assert [row for row in rows if row.line_class == "other"] == []


@pytest.mark.slow
def test_additional_fees_are_a_line_of_class_other(built):
    rows = built(ORDER | {"original_total_additional_fees_set": money("1.50", "2.00")})

    assert [(row.line_number, row.amount) for row in rows if row.line_class == "other"] == [(-7, Decimal("1.5"))]


def test_the_discount_of_shipping_that_an_edit_removed_is_left_out(built):
    gone = ORDER["shipping_lines"][0] | {"is_removed": True}

    rows = built(ORDER | {"shipping_lines": [gone]})

    assert [(row.line_class, row.amount) for row in rows if row.line_number < 0] == [("discount", -3)]


def test_an_order_with_a_charge_that_is_no_number_is_quarantined(built):
    bad = {
        "total_discounts": {"total_discounts": "1,00", "line_items": [], "shipping_lines": []},
        "shipping": {"shipping_lines": [{"price": "5.00"}, {"price": "x"}]},
        "allocated": {"shipping_lines": [{"price": "5.00", "discount_allocations": [{"amount": "x"}]}]},
        "tax": {"total_tax": "x", "line_items": [{**MUG, "tax_lines": None}]},
        "tip": {"total_tip_received": "x"},
        "duties": {"original_total_duties_set": money("x", "7.00")},
        "fees": {"original_total_additional_fees_set": money("x", "7.00")},
    }

    rows = built(*[ORDER | {"id": id} | given for id, given in bad.items()])

    assert {row.document_id for row in rows if "amount_fits_type" in row[VIOLATIONS]} == {*bad}


def test_a_total_of_taxes_that_the_prices_include_is_not_read(built):
    rows = built(ORDER | {"total_tax": "x", "taxes_included": True})

    assert {rule for row in rows for rule in row[VIOLATIONS]} == set()

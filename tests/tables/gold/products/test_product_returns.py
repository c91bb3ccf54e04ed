from datetime import date

import pytest

from shoplake.tables.gold.products.product_returns import product_returns
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines

SOLD = {"feed": "shop", "order_id": "o1", "order_date": "2026-03-01", "product_id": "p1", "kind": "sale"}
SOLD |= {"line_class": "goods", "quantity": 4, "status": "paid"}
RETURNED = SOLD | {"kind": "return", "quantity": -1, "order_date": "2026-03-05"}


@pytest.fixture
def build(some):
    def build(*lines):
        known = some(order_lines, *lines)
        return {row.product_id: row for row in product_returns(known, cancelled_order_refunds(known)).collect()}

    return build


def test_the_rate_is_of_pieces_over_all_time(build):
    row = build(SOLD, SOLD | {"order_id": "o2", "order_date": "2026-02-01"}, RETURNED, RETURNED)["p1"]

    assert (row.orders, row.units_sold, row.units_returned, row.return_rate) == (2, 8, 2, 0.25)
    assert (row.first_order_date, row.last_return_date) == (date(2026, 2, 1), date(2026, 3, 5))


def test_the_interval_is_wilsons(build):
    row = build(SOLD | {"quantity": 10}, RETURNED)["p1"]

    assert (row.rate_low, row.rate_high) == pytest.approx((0.017876, 0.404150), abs=1e-6)


def test_what_comes_back_without_a_sale_has_no_rate(build):
    row = build(RETURNED)["p1"]

    assert (row.units_sold, row.units_returned, row.return_rate, row.rate_low) == (0, 1, None, None)


def test_more_returns_than_sales_are_all_of_them_in_the_interval(build):
    row = build(SOLD, RETURNED | {"quantity": -6})["p1"]

    assert (row.return_rate, row.rate_high) == (1.5, 1.0)


def test_a_cancelled_order_is_neither_sold_nor_returned(build):
    cancelled = {"status": "cancelled"}

    assert build(SOLD | cancelled, RETURNED | cancelled) == {}

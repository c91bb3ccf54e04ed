from datetime import date

import pytest

from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines

SALE = {
    "feed": "shop",
    "order_id": "o1",
    "document_id": "o1",
    "order_date": "2026-03-01",
    "kind": "sale",
    "line_class": "goods",
    "status": "cancelled",
}
REFUND = SALE | {"document_id": "r1", "order_date": "2026-03-02", "kind": "return", "status": None}
PAID = {"status": "paid"}


@pytest.fixture
def build(some):
    """The orders of lines with their first and last day of refunds."""

    def build(*lines):
        rows = cancelled_order_refunds(some(order_lines, *lines)).orderBy("feed", "order_id").collect()
        return [(row.feed, row.order_id, row.first_date, row.last_date) for row in rows]

    return build


def test_a_cancelled_order_has_the_days_of_its_refunds(build):
    later = REFUND | {"document_id": "r2", "order_date": "2026-03-05"}

    assert build(SALE, SALE, later, REFUND) == [("shop", "o1", date(2026, 3, 2), date(2026, 3, 5))]


@pytest.mark.parametrize(
    "lines",
    [
        (SALE | PAID, REFUND),
        (SALE,),
        (SALE | PAID, REFUND | {"status": "cancelled"}),
        (SALE, SALE | PAID | {"document_id": "o1-2"}, REFUND),
        (SALE, REFUND | {"feed": "other"}),
        (SALE, REFUND | {"order_id": "o2"}),
    ],
    ids=["paid", "no refund", "cancelled refund", "cancelled in part", "another feed", "another order"],
)
def test_an_order_that_is_not_both_cancelled_and_refunded_has_no_row(build, lines):
    assert build(*lines) == []


def test_a_cancellation_without_lines_counts(build):
    nothing = SALE | {"kind": "adjustment", "line_class": "other"}

    assert build(nothing, REFUND) == [("shop", "o1", date(2026, 3, 2), date(2026, 3, 2))]

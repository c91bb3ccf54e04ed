import pytest

from shoplake.tables.gold.sales.reconciliation_daily import CAUSES, reconciliation_daily
from shoplake.tables.gold.sales.reconciliation_orders import MEANINGS, reconciliation_orders

ORDER = {"feed": "shop", "order_date": "2026-03-01", "currency": "GBP", "unexplained": 0} | dict.fromkeys(CAUSES, 0)


@pytest.fixture
def build(some):
    """The causes of orders by day."""

    def build(*orders):
        rows = reconciliation_daily(some(reconciliation_orders, *orders)).orderBy("order_date", "currency", "cause")
        return [
            (str(row.order_date), row.currency, row.cause, row.orders, row.amount, row.unexplained)
            for row in rows.collect()
        ]

    return build


def test_a_cause_is_summed_over_the_orders_of_a_day(build):
    later = ORDER | {"order_date": "2026-03-02", "refund": -1}

    assert build(ORDER | {"refund": -2, "shipping": 5}, ORDER | {"refund": -3}, ORDER, later) == [
        ("2026-03-01", "GBP", "refund", 2, -5, 0),
        ("2026-03-01", "GBP", "shipping", 1, 5, 0),
        ("2026-03-02", "GBP", "refund", 1, -1, 0),
    ]


def test_currencies_are_not_added_up(build):
    assert [row[1:5] for row in build(ORDER | {"unpaid": -1}, ORDER | {"unpaid": -2, "currency": "EUR"})] == [
        ("EUR", "unpaid", 1, -2),
        ("GBP", "unpaid", 1, -1),
    ]


def test_what_is_unexplained_is_a_row_and_a_column_of_its_own(build):
    assert build(ORDER | {"unexplained": 3}) == [("2026-03-01", "GBP", "unexplained", 1, 0, 3)]


def test_every_cause_of_an_order_is_a_cause_of_the_day(build):
    rows = build(ORDER | dict.fromkeys(MEANINGS, 1))

    assert sorted(row[2] for row in rows) == sorted({*MEANINGS, "currency"} - {"currency_differs"})

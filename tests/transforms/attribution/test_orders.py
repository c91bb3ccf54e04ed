from decimal import Decimal

from shoplake.tables.gold.attribution.session_touches import session_touches
from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.transforms.attribution.orders import order_key, order_persons, sum_orders

LINE = {"feed": "shop", "order_id": "o1", "order_date": "2026-03-01", "kind": "sale", "is_cancelled": False}
EVENT = {"feed": "shop", "order_id": "o1", "event_date": "2026-03-01", "session_id": "s1"}
SESSION = {"feed": "shop", "session_id": "s1", "person_id": "phone"}


def test_lines_and_discounts_of_an_order_are_added_up_without_unknown_prices(some):
    lines = [
        LINE | {"net": "10.00", "returned_net": "4.00"},
        LINE | {"net": None},
        LINE | {"net": "-1.00", "kind": "discount"},
    ]

    [order] = sum_orders(some(order_values, *lines)).collect()

    assert (order.revenue, order.net_revenue, order.has_sale) == (Decimal("9"), Decimal("5"), True)


def test_returns_that_belong_to_no_order_are_none(some):
    assert sum_orders(some(order_values, LINE | {"kind": "return", "net": "0"})).collect() == []


def test_an_order_belongs_to_its_customer_and_to_the_person_of_its_purchase(some):
    orders = sum_orders(some(order_values, LINE | {"customer_id": "ann"}, LINE | {"order_id": "o2"}))

    rows = order_persons(orders, some(purchases, EVENT, EVENT), some(session_touches, SESSION)).collect()

    assert sorted((row.order_id, row.person_id) for row in rows) == [("o1", "ann"), ("o1", "phone")]


def test_a_missing_currency_is_a_key_of_its_own(some):
    rows = some(order_values, LINE, LINE | {"currency": "GBP"}).select(order_key().alias("key")).collect()

    assert len({row.key for row in rows}) == 2

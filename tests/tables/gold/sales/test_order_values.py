from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.silver.categories import categories
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.first_orders import first_orders
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

SALE = {
    **{"feed": "shop", "order_id": "o1", "document_id": "o1", "line_number": 1, "kind": "sale", "line_class": "goods"},
    **{"ordered_at": "2026-03-01 12:00", "order_date": "2026-03-01", "customer_id": "c1", "product_id": "lamp"},
    **{"quantity": 2, "unit_price": "10.00", "amount": "20.00"},
}
SECOND = SALE | {"line_number": 2, "product_id": "rug", "quantity": 1, "unit_price": "10.00", "amount": "10.00"}
DISCOUNT = SALE | {"line_number": -2, "kind": "adjustment", "line_class": "discount", "product_id": None}
DISCOUNT |= {"quantity": 1, "unit_price": "-1.00", "amount": "-1.00"}
RETURN = SALE | {"document_id": "r1", "kind": "return", "quantity": -1, "amount": "-10.00"}
RETURN |= {"ordered_at": "2026-04-05 12:00", "order_date": "2026-04-05"}
LAMP = {"feed": "shop", "product_id": "lamp", "valid_from": "2026-01-01 00:00", "category": "Home", "cost": "4.00"}
EVENT = {"feed": "shop", "order_id": "o1", "event_id": "e1", "event_at": "2026-03-01 12:00"}
EVENT |= {"channel": "email", "device": "mobile"}
LATER = {"ordered_at": "2026-03-02 12:00", "order_date": "2026-03-02", "order_id": "o2", "document_id": "o2"}


@pytest.fixture
def build(some, zenith):
    """The order values of a feed in GBP by order, document, line and kind."""

    def build(*lines, events=(), versions=(LAMP,), tree=(), rates=()):
        known = some(order_lines, *lines)
        inputs = (known, cancelled_order_refunds(known), first_orders(known), some(purchases, *events))
        inputs = (*inputs, some(products, *versions))
        rows = order_values(*inputs, some(categories, *tree), some(exchange_rate_periods, *rates), feeds=(zenith,))
        return rows.orderBy("order_id", "document_id", "line_number", "kind").collect()

    return build


def test_a_line_has_the_category_and_cost_of_its_moment(build):
    versions = [LAMP | {"valid_to": "2026-03-01 12:00"}, LAMP | {"valid_from": "2026-03-01 12:00", "cost": "5.00"}]

    [line] = build(SALE, versions=versions)

    assert (line.order_date, line.currency, line.category, line.top_category) == (
        *(date(2026, 3, 1), "GBP"),
        *("Home", "Home"),
    )
    assert (line.gross, line.net, line.cost, line.margin) == tuple(map(Decimal, ("20.00", "20.00", "10.00", "10.00")))


def test_the_top_category_is_the_root_or_else_the_parent(build):
    tree = [{"feed": "shop", "category_id": "Home", "root_id": "All"}]
    rug = LAMP | {"product_id": "rug", "category": "Floor", "parent_category": "House"}

    rows = build(SALE, SECOND, versions=(LAMP, rug), tree=tree)

    assert [row.top_category for row in rows] == ["All", "House"]


def test_wrong_answer_5_a_discount_counts_once_and_adds_up_to_the_cent(build):
    third = SECOND | {"line_number": 3}

    rows = build(SECOND | {"line_number": 1}, SECOND, third, DISCOUNT)

    assert [row.discount for row in rows] == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert sum(row.net for row in rows) == Decimal("29.00")


def test_a_discount_is_in_proportion_to_the_amounts(build):
    assert [row.discount for row in build(SALE, SECOND, DISCOUNT)] == [Decimal("0.67"), Decimal("0.33")]


def test_a_discount_in_yen_is_allocated_in_whole_yen(build):
    yen = {"currency": "JPY"}

    rows = build(SALE | yen, SECOND | yen, DISCOUNT | yen | {"amount": "-5"})

    assert [row.discount for row in rows] == [3, 2]


def test_a_discount_without_goods_is_a_row_of_its_own(build):
    [row] = build(DISCOUNT | {"order_id": "C9", "kind": "return", "amount": "-7.50"})

    assert (row.kind, row.gross, row.discount, row.net) == ("discount", 0, Decimal("7.50"), Decimal("-7.50"))
    assert (row.quantity, row.returned_quantity, row.returns) == (0, 0, [])


def test_a_discount_of_another_day_than_the_goods_stays_on_its_day(build):
    later = DISCOUNT | {"ordered_at": "2026-03-02 00:01", "order_date": "2026-03-02"}

    rows = build(SALE, later)

    assert [(row.kind, row.order_date.day, row.discount) for row in rows] == [("discount", 2, 1), ("sale", 1, 0)]


def test_wrong_answer_4_a_refund_keeps_its_own_day_and_its_orders_gross(build):
    second = RETURN | {"document_id": "r2", "order_date": "2026-05-01"}
    shipping = second | {"line_class": "shipping", "line_number": -1, "product_id": None, "amount": "-4.95"}

    [line] = build(SALE, RETURN, second, shipping)

    assert (line.gross, line.net, line.returned_quantity) == (Decimal("20.00"), Decimal("20.00"), 2)
    assert line.returned_net == Decimal("20.00")
    assert [(each.return_date, each.quantity, each.amount) for each in line.returns] == [
        (date(2026, 4, 5), 1, Decimal("10.00")),
        (date(2026, 5, 1), 1, Decimal("10.00")),
    ]


def test_a_return_belongs_to_the_line_of_its_number_among_those_of_its_product(build):
    rows = build(SALE, SALE | {"line_number": 2}, RETURN | {"line_number": 2}, RETURN | {"line_number": 7})

    assert [row.returned_quantity for row in rows] == [1, 1]


def test_a_return_without_a_sold_line_is_a_row_of_its_own_day(build):
    [sold, returned] = build(SALE, RETURN | {"order_id": "z9", "document_id": "z9", "country": "FR"})

    assert (sold.returned_net, sold.returns) == (0, [])
    assert (returned.kind, returned.order_date, returned.country) == ("return", date(2026, 4, 5), "FR")
    assert (returned.gross, returned.net, returned.quantity, returned.cost) == (0, 0, 0, 0)
    assert (returned.returned_quantity, returned.returned_net) == (1, Decimal("10.00"))


def test_a_return_in_another_currency_belongs_to_no_line_of_the_order(build):
    rows = build(SALE, RETURN | {"currency": "EUR"})

    assert [(row.kind, row.currency) for row in rows] == [("sale", "GBP"), ("return", "EUR")]


def test_returns_of_cancelled_documents_are_none(build):
    [line] = build(SALE, RETURN | {"status": "cancelled"})

    assert (line.returned_quantity, line.returns) == (0, [])


def test_wrong_answer_6_a_cancelled_order_is_marked_and_no_first_order(build):
    rows = build(SALE | {"status": "cancelled"}, SALE | LATER)

    assert [(row.is_cancelled, row.is_first_order) for row in rows] == [(True, False), (False, True)]


def test_a_first_order_is_the_earliest_and_guests_have_none(build):
    guest = SALE | {"order_id": "o3", "document_id": "o3", "customer_id": None}
    tied = SALE | {"order_id": "o0", "document_id": "o0"}

    rows = build(tied, SALE, SALE | LATER, guest)

    assert [(row.order_id, row.is_first_order) for row in rows] == [
        *(("o0", True), ("o1", False)),
        *(("o2", False), ("o3", None)),
    ]


def test_channel_and_device_are_those_of_the_first_purchase_event(build):
    later = EVENT | {"event_id": "e2", "event_at": "2026-03-01 12:01", "channel": "direct", "device": "tablet"}

    rows = build(SALE, SALE | LATER, events=[later, EVENT])

    assert [(row.channel, row.device) for row in rows] == [("email", "mobile"), ("(none)", "(none)")]


def test_the_cost_of_a_foreign_order_is_converted_and_unknown_without_a_rate(build):
    rate = {"feed": "shop", "currency": "EUR", "first_date": "2026-02-01", "rate": "0.8"}

    rows = build(SALE | {"currency": "EUR"}, SALE | LATER | {"currency": "USD"}, rates=[rate])

    assert [(row.unit_cost, row.cost) for row in rows] == [(Decimal("5.0000"), Decimal("10.0000")), (None, None)]


def test_an_unknown_price_is_unknown_gross_and_not_zero(build):
    [line] = build(SALE | {"unit_price": None, "amount": None})

    assert (line.gross, line.net, line.margin) == (None, None, None)


def test_shipping_and_adjusted_goods_are_no_rows(build):
    assert build(SALE | {"line_class": "shipping"}, SALE | {"kind": "adjustment"}) == []

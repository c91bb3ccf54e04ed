from shoplake.tables.silver.orders.first_orders import first_orders
from shoplake.tables.silver.orders.order_lines import order_lines

LINE = {"feed": "shop", "customer_id": "ann", "line_class": "goods", "kind": "sale", "ordered_at": "2026-03-02 12:00"}


def firsts(some, *lines):
    rows = first_orders(some(order_lines, *[LINE | line for line in lines])).collect()
    return {(row.feed, row.customer_id): row.order_id for row in rows}


def test_the_first_order_is_the_earliest_then_the_lowest_number(some):
    early, low, high = ({"order_id": id} for id in ("o9", "o1", "o2"))

    assert firsts(some, high, low) == {("shop", "ann"): "o1"}
    assert firsts(some, high, low, early | {"ordered_at": "2026-03-01 12:00"}) == {("shop", "ann"): "o9"}


def test_cancelled_orders_returns_and_charges_are_no_first_orders(some):
    others = [{"status": "cancelled"}, {"kind": "return"}, {"line_class": "shipping"}]
    lines = [{"order_id": f"o{number}"} | other for number, other in enumerate(others)]

    assert firsts(some, *lines) == {}
    assert firsts(some, *lines, {"order_id": "o7"}) == {("shop", "ann"): "o7"}


def test_guests_have_no_first_order_and_feeds_have_their_own(some):
    guest, other = {"order_id": "o1", "customer_id": None}, {"order_id": "o2", "feed": "other"}

    assert firsts(some, guest, other) == {("other", "ann"): "o2"}

import json

import pytest

from shoplake.simulate.realistic.orders.documents import customer_number, order_number


def test_ids_have_a_fixed_length():
    assert (order_number(7), customer_number(0)) == ("O000000007", "C0000001")


@pytest.fixture(scope="module")
def orders(shop):
    paths = sorted((shop.folder / "orders").iterdir())
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def test_an_order_has_the_fields_of_the_native_format(orders):
    fields = {"order_id", "ordered_at", "customer_id", "country", "currency", "lines", "discount", "shipping"}

    assert {frozenset(order) for order in orders} == {frozenset(fields | {"payments", "status", "updated_at"})}
    assert {frozenset(line) for order in orders for line in order["lines"]} == {
        frozenset({"line_number", "product_id", "quantity", "unit_price"})
    }


def test_versions_of_an_order_are_sent_in_the_order_of_time(orders):
    seen = {}
    for order in orders:
        assert seen.get(order["order_id"], "") < order["updated_at"]
        seen[order["order_id"]] = order["updated_at"]
    assert len(seen) < len(orders)


def test_only_what_is_in_an_order_is_a_line_of_it(orders):
    assert min(line["quantity"] for order in orders for line in order["lines"]) == 1

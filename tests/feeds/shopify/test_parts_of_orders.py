import pytest

from shoplake.feeds.shopify.orders import ordered_lines
from shoplake.transforms.expectations import VIOLATIONS

from .test_orders import FEED, MUG, ORDER, REFUND

PART = {name: cell for name, cell in ORDER.items() if name != "line_items"}


@pytest.fixture
def built(lines_of):
    """The lines of orders, with the rules they violate."""
    return lambda *orders: lines_of(ordered_lines, FEED, *orders)


def test_a_part_of_an_order_without_items_replaces_no_line(built):
    [row] = built(PART)

    assert row[VIOLATIONS] == ["lines_missing"]


def test_the_refunds_within_a_part_of_an_order_count(built):
    part, *returned = built(PART | {"refunds": [REFUND]})

    assert part[VIOLATIONS] == ["lines_missing"]
    assert {(row.document_id, row.kind) for row in returned if not row[VIOLATIONS]} >= {("900", "return")}


def test_a_fulfilment_among_the_orders_is_no_order(built):
    [row] = built({"id": 255, "order_id": 500, "created_at": ORDER["created_at"], "line_items": [MUG]})

    assert row[VIOLATIONS] == ["not_an_order"]

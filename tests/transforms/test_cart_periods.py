from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from shoplake.transforms.cart_periods import ADD, BUY, REMOVE, CartPeriodAggregator
from shoplake.transforms.sorted_groups import ROW_NUMBER

START = datetime(2026, 3, 1, 9)
TYPES = {
    "feed": pa.string(),
    "visitor_id": pa.string(),
    "event_at": pa.timestamp("us"),
    "event_date": pa.date32(),
    "product_id": pa.string(),
    "order_id": pa.string(),
    "action": pa.int32(),
    "quantity": pa.int64(),
    "unit_price": pa.decimal128(18, 4),
    "currency": pa.string(),
    ROW_NUMBER: pa.int32(),
}


def event(visitor, number, minutes, action, product="p", quantity=1, price="1.0000", order=None):
    moment = START + timedelta(minutes=minutes)
    names = ("feed", "visitor_id", ROW_NUMBER, "event_at", "event_date", "action", "product_id", "quantity", "order_id")
    values = ("shop", visitor, number, moment, moment.date(), action, product, quantity, order)
    return dict(zip(names, values, strict=True)) | {"unit_price": Decimal(price), "currency": None}


def periods(*events, size=100, min_batch_rows=100):
    rows = pa.Table.from_pylist(list(events), schema=pa.schema(TYPES))
    blocks = rows.to_batches(max_chunksize=size)
    aggregator = CartPeriodAggregator(3_600_000_000, min_batch_rows)
    return [row for batch in aggregator(iter(blocks)) for row in batch.to_pylist()]


EVENTS = [
    event("ann", 1, 0, ADD, "b", 2),
    event("ann", 2, 1, ADD, "a", price="3.0000"),
    event("ann", 3, 2, REMOVE, "b"),
    event("ann", 4, 3, BUY, "b", order="o1"),
    event("ann", 5, 3, BUY, "a", order="o1"),
    event("ann", 6, 4, REMOVE, "a"),
    event("bob", 1, 0, BUY, "c", order="o2"),
    event("cat", 1, 0, ADD, None),
    event("cat", 2, 61, ADD, "a"),
]


def test_a_period_has_its_items_and_purchases_in_order():
    first = periods(*EVENTS)[0]

    assert [(item["product_id"], item["quantity"], item["unit_price"]) for item in first["items"]] == [
        ("a", 1, Decimal("3.0000")),
        ("b", 1, Decimal("1.0000")),
    ]
    assert [(each["bought_at"].minute, each["product_id"]) for each in first["bought"]] == [(3, "a"), (3, "b")]


def test_periods_end_with_a_purchase_a_pause_or_the_visitor():
    rows = periods(*EVENTS)

    assert [(row["visitor_id"], row["adds"], row["removes"], len(row["bought"])) for row in rows] == [
        ("ann", 2, 1, 2),
        ("ann", 0, 1, 0),
        ("bob", 0, 0, 1),
        ("cat", 1, 0, 0),
        ("cat", 1, 0, 0),
    ]


def test_a_purchase_alone_has_no_items_and_was_never_left():
    bob = periods(*EVENTS)[2]

    assert (bob["left_at"], bob["items"], bob["cart_date"]) == (None, [], date(2026, 3, 1))


def test_an_item_without_a_product_is_kept():
    assert [item["product_id"] for item in periods(*EVENTS)[3]["items"]] == [None]


@pytest.mark.parametrize(("size", "min_batch_rows"), [(1, 1), (2, 3), (4, 1)])
def test_periods_are_the_same_however_the_rows_are_cut_into_batches(size, min_batch_rows):
    assert periods(*EVENTS, size=size, min_batch_rows=min_batch_rows) == periods(*EVENTS)

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.cart_periods import CartAggregator
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS

START = datetime(2026, 3, 1, 23, 58, tzinfo=UTC)
PAUSE_S = 60
ADD, REMOVE, BUY = "0", "1", "2"
TYPES = {
    "feed": pa.string(),
    "visitor_id": pa.string(),
    "event_at": pa.timestamp("us", "UTC"),
    "turn": pa.string(),
    "quantity": pa.int64(),
    "product_id": pa.string(),
    "order_id": pa.string(),
    "unit_price": pa.decimal128(18, 4),
    "currency": pa.string(),
    "event_date": pa.date32(),
    "_row_number": pa.int32(),
}
EVENT = st.fixed_dictionaries(
    {
        "visitor_id": st.sampled_from(["ann", "bob"]),
        "at": st.integers(0, 8).map(lambda number: number * 30),
        "turn": st.tuples(st.sampled_from([ADD, ADD, REMOVE, BUY]), st.integers(0, 999)).map(
            lambda each: f"{each[0]}e{each[1]:03}"
        ),
        "quantity": st.integers(1, 3),
        "product_id": st.sampled_from([None, "", "p1", "p2", "é"]),
        "order_id": st.sampled_from([None, "o1", "o2"]),
        "unit_price": st.sampled_from([None, Decimal("1.5000"), Decimal("2.0000")]),
        "currency": st.sampled_from([None, "GBP"]),
    }
)


def sorted_rows(events):
    """The events in the engine's order, numbered by visitor."""
    events = sorted(events, key=lambda each: (each["visitor_id"], each["at"], each["turn"]))
    rows = []
    for _, own in groupby(events, key=lambda each: each["visitor_id"]):
        for number, event in enumerate(own, 1):
            at = START + timedelta(seconds=event["at"])
            same = {name: value for name, value in event.items() if name != "at"}
            rows.append(same | {"feed": "shop", "event_at": at, "event_date": at.date(), "_row_number": number})
    return rows


def aggregated(rows, size, min_batch_rows=MIN_BATCH_ROWS):
    table = pa.Table.from_pylist(rows, pa.schema(list(TYPES.items())))
    blocks = iter(table.to_batches(max_chunksize=size))
    return [row for batch in CartAggregator(PAUSE_S * 1_000_000, min_batch_rows)(blocks) for row in batch.to_pylist()]


def periods(rows):
    """Cut each visitor's events one by one."""
    result, before = [], None
    for row in rows:
        is_new = before is None or row["_row_number"] == 1
        is_new = is_new or (row["event_at"] - before["event_at"]).total_seconds() > PAUSE_S
        if is_new or (before["turn"][0] == BUY and row["turn"][0] != BUY):
            result.append([])
        result[-1].append(row)
        before = row
    return result


def items(period):
    pieces, last = {}, {}
    for row in period:
        if row["turn"][0] != BUY:
            sign = 1 if row["turn"][0] == ADD else -1
            pieces[row["product_id"]] = pieces.get(row["product_id"], 0) + sign * row["quantity"]
        if row["turn"][0] == ADD:
            last[row["product_id"]] = row
    kept = sorted((product for product, count in pieces.items() if count > 0), key=lambda each: (each is None, each))
    return [
        {
            "product_id": product,
            "quantity": pieces[product],
            "unit_price": last[product]["unit_price"],
            "currency": last[product]["currency"],
            "added_at": last[product]["event_at"],
            "added_date": last[product]["event_date"],
        }
        for product in kept
    ]


def bought(period):
    rows = [row for row in period if row["turn"][0] == BUY]
    cells = [{"bought_at": row["event_at"], **{name: row[name] for name in ("product_id", "order_id")}} for row in rows]
    return sorted(cells, key=lambda each: [(value is None, value) for value in each.values()])


def one_by_one(rows):
    """The rows of the periods in plain Python."""
    moves = [[row for row in period if row["turn"][0] != BUY] for period in periods(rows)]
    return [
        {
            "feed": "shop",
            "visitor_id": period[0]["visitor_id"],
            "started_at": period[0]["event_at"],
            "ended_at": period[-1]["event_at"],
            "cart_date": period[0]["event_date"],
            "adds": sum(row["turn"][0] == ADD for row in period),
            "removes": sum(row["turn"][0] == REMOVE for row in period),
            "left_at": moved[-1]["event_at"] if moved else None,
            "items": items(period),
            "bought": bought(period),
        }
        for period, moved in zip(periods(rows), moves, strict=True)
    ]


@pytest.mark.slow
@settings(max_examples=examples(200))
@given(events=st.lists(EVENT, max_size=20), size=st.integers(1, 7))
def test_blocks_of_any_size_give_the_periods_that_plain_python_finds(events, size):
    rows = sorted_rows(events)

    assert aggregated(rows, size, min_batch_rows=1) == one_by_one(rows)


@pytest.mark.parametrize("turn", [ADD, REMOVE, BUY])
def test_a_single_event_is_a_period(turn):
    event = {"visitor_id": "ann", "at": 0, "turn": f"{turn}e1", "quantity": 1, "product_id": "p1"}
    rows = sorted_rows([event | dict.fromkeys(("order_id", "unit_price", "currency"))])

    assert aggregated(rows, 1) == one_by_one(rows)

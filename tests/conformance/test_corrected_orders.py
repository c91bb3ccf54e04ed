"""Orders that are sent again, on both engines: the newest version of each, with its lines and their attributes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F
from sample_tables import MARKS, latest, mark, read_marks, records, rows_of

from shoplake.columns.attributes import ATTRIBUTES, attributes
from shoplake.declare import Feed
from shoplake.feeds import WOOCOMMERCE
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.delta_engine import DeltaEngine

FEED = Feed("shop", WOOCOMMERCE, "landing", "Europe/Berlin", "EUR")
COLUMNS = ("order_id", "line_number", "status", "quantity", "amount", "attributes")


def order(id: int, day: int, *quantities: int, status: str = "processing", sku: str = "MUG") -> dict[str, Any]:
    """An order as it is on a day, with a line of mugs at 9.00 for each quantity."""
    items = [
        {"id": number, "name": "Mug", "product_id": 7, "quantity": quantity, "sku": sku, "price": 9}
        | {"subtotal": f"{9 * quantity}.00", "total": f"{9 * quantity}.00"}
        for number, quantity in enumerate(quantities, 1)
    ]
    times = {"date_created_gmt": "2026-03-01T10:00:00", "date_modified_gmt": f"2026-03-0{day}T10:00:00"}
    return {"id": id, "status": status, "currency": "EUR", "line_items": items, **times}


FIRST = (order(1, 1, 2, 5), order(2, 1, 1), order(3, 1, 4), order(4, 1, 1))
CORRECTED = (order(1, 2, 3), order(2, 3, 1, status="cancelled"), order(3, 2, 4, sku="MUG-B"), order(5, 1, 6))
OLD = (order(2, 2, 7), order(4, 1, 1))
EXPECTED = [
    ("1", 1, "paid", 3, Decimal("27.0000"), [("name", "Mug"), ("sku", "MUG")]),
    ("2", 1, "cancelled", 1, Decimal("9.0000"), [("name", "Mug"), ("sku", "MUG")]),
    ("3", 1, "paid", 4, Decimal("36.0000"), [("name", "Mug"), ("sku", "MUG-B")]),
    ("4", 1, "paid", 1, Decimal("9.0000"), [("name", "Mug"), ("sku", "MUG")]),
    ("5", 1, "paid", 6, Decimal("54.0000"), [("name", "Mug"), ("sku", "MUG")]),
]


def write(engine: DeltaEngine, batch: str, *orders: dict[str, Any]) -> WriteResult:
    """Write the lines of the orders of one batch."""
    raw = records(engine.session, *orders, batch=batch)
    others = [nothing(engine.session, table) for table in (refunds_raw, events, products)]
    engine.create_if_missing(order_lines)
    return engine.write(order_lines, order_lines(raw, *others, feeds=(FEED,)))


def nothing(session: SparkSession, table: Table[...]) -> DataFrame:
    """No rows of a table."""
    cells = [F.lit(None).cast(column.type).alias(column.name) for column in table.columns]
    return session.range(0).select(*cells)


@pytest.mark.slow
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)], ids=["in order", "late"])
def test_both_engines_keep_the_newest_version_of_each_order(engine, order):
    batches = (FIRST, CORRECTED, OLD)

    for number, place in enumerate(order, 1):
        write(engine, f"b00000000{number}", *batches[place])

    assert rows_of(engine, order_lines, *COLUMNS) == EXPECTED


@pytest.mark.slow
def test_lines_of_one_number_in_a_record_differ_by_their_attributes(engine):
    twice = order(1, 1, 2)
    twice["line_items"] += [twice["line_items"][0] | {"sku": "MUG-B"}]

    result = write(engine, "b000000001", twice)

    assert (result.rows_written, result.rows_duplicate, result.rows_conflicting) == (1, 1, 1)


@pytest.mark.slow
def test_an_upserted_row_gets_the_attributes_of_the_row_that_wins(engine):
    tagged = replace(
        latest,
        _name="tagged",
        columns=(*MARKS, ATTRIBUTES),
        build=lambda marks_raw: read_marks(marks_raw).withColumn("attributes", attributes(who="who")),
    )
    engine.create_if_missing(tagged)

    for number, (clock, who) in enumerate((("09", "ada"), ("11", "bob"), ("10", "eve")), 1):
        sent = mark("a", f"2026-03-01T{clock}:00:00Z", who=who)
        engine.write(tagged, tagged(records(engine.session, sent, batch=f"b00000000{number}")))

    assert rows_of(engine, tagged, "id", "attributes") == [("a", [("who", "bob")])]

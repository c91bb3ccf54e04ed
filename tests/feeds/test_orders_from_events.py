from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.feeds.orders_from_events import LIST_PRICE, order_lines
from shoplake.tables.silver.events import events

BOUGHT = {
    "feed": "shop",
    "event_id": "e1",
    "event_name": "purchase",
    "event_at": "2026-03-01 09:00",
    "event_date": "2026-03-01",
    "visitor_id": "v1",
    "order_id": "o1",
    "product_id": "p1",
}


@pytest.fixture
def build(some, retailrocket):
    """The order lines of events of products that cost 7."""

    def build(*records):
        priced = some(events, *[BOUGHT | each for each in records]).withColumn(
            LIST_PRICE, F.lit(7).cast("decimal(18,4)")
        )
        return order_lines(priced, retailrocket).orderBy("document_id").collect()

    return build


def test_missing_event_fields_come_from_the_product_and_the_feed(build):
    values, without_fields = build(
        {"unit_price": 5, "quantity": 3, "currency": "USD", "customer_id": "c1"}, {"event_id": "e2"}
    )

    names = ("quantity", "unit_price", "amount", "currency", "customer_id", "price_source")
    assert [values[name] for name in names] == [3, Decimal(5), Decimal(15), "USD", "c1", "event"]
    assert [without_fields[name] for name in names] == [1, Decimal(7), Decimal(7), "EUR", "v1", "history"]


def test_only_purchases_become_lines(build):
    assert build({"event_name": "add_to_cart"}) == []


def test_a_line_has_no_record_of_its_own_and_no_violations(build):
    [line] = build({})

    assert (set(line[RECORD]), line[TYPE_ERRORS]) == ({None}, [])

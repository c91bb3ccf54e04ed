"""Identifiers that a spreadsheet rounded, of which several become one."""

import json

import pytest

from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

LINE = {"line_number": 1, "product_id": "0012", "quantity": 2, "unit_price": "10.00"}
ORDER = {"order_id": "100012000001", "ordered_at": "2026-03-01T09:00:00Z", "currency": "EUR", "lines": [LINE]}


@pytest.mark.parametrize(
    ("order", "reasons"),
    [
        ({}, {}),
        ({"order_id": "1.00012E+11"}, {1: ["order_id_has_all_digits"]}),
        ({"lines": [LINE | {"product_id": "8.90123E+12"}]}, {1: ["product_id_has_all_digits"]}),
        ({"customer_id": "8.90123E+12"}, {1: ["customer_id_has_all_digits"]}),
    ],
)
def test_a_rounded_identifier_is_quarantined(arrived, some, split_rows, zenith, order, reasons):
    raw = arrived(orders_raw, json.dumps(ORDER | order)), arrived(refunds_raw), some(events), some(products)

    valid, invalid = split_rows(order_lines, order_lines(*raw, feeds=(zenith,)))

    assert (len(valid), invalid) == (0 if reasons else 1, reasons)


def test_a_refund_whose_number_is_rounded_is_quarantined(arrived, some, split_rows, zenith):
    refund = {"refund_id": "1.00012E+11", "order_id": "o1", "refunded_at": "2026-03-05T23:30:00Z", "lines": [LINE]}
    raw = arrived(orders_raw), arrived(refunds_raw, json.dumps(refund)), some(events), some(products)

    assert split_rows(order_lines, order_lines(*raw, feeds=(zenith,))) == ([], {1: ["document_id_has_all_digits"]})


EVENT = {"event_ts": "2026-03-01T09:00:00Z", "event_name": "page_view", "user_id": "u1"}


@pytest.mark.parametrize("digits", ["1234567890123456789", "18446744073709551615"])
def test_events_whose_long_numbers_differ_in_the_last_digit_are_two(arrived, split_rows, zenith, digits):
    one, other = (json.dumps(EVENT | {"event_id": int(digits) - less}) for less in (0, 1))

    valid, invalid = split_rows(events, events(arrived(events_raw, one, other), feeds=(zenith,)))

    assert sorted(row.event_id for row in valid) == sorted([digits, str(int(digits) - 1)])
    assert invalid == {}


@pytest.mark.parametrize("field", ["event_id", "user_id", "product_id", "order_id"])
def test_an_event_whose_number_the_engine_rounds_is_quarantined(arrived, split_rows, zenith, field):
    text = json.dumps(EVENT | {"event_id": "e1"} | {field: 12345678901234567890123})
    column = {"user_id": "visitor_id"}.get(field, field)

    rows = events(arrived(events_raw, text), feeds=(zenith,))
    valid, invalid = split_rows(events, rows)

    assert (valid, invalid) == ([], {1: [f"{column}_has_all_digits"]})

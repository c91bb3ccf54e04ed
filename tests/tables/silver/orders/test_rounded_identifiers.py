"""Identifiers that a spreadsheet rounded, of which several become one."""

import json

import pytest

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
    ],
)
def test_a_rounded_identifier_is_quarantined(arrived, some, split_rows, zenith, order, reasons):
    raw = arrived(orders_raw, json.dumps(ORDER | order)), arrived(refunds_raw), some(events), some(products)

    valid, invalid = split_rows(order_lines, order_lines(*raw, feeds=(zenith,)))

    assert (len(valid), invalid) == (0 if reasons else 1, reasons)

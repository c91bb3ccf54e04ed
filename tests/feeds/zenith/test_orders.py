import json
from decimal import Decimal

import pytest

from shoplake.feeds.zenith.orders import ordered_lines, payments, refund_payments, returned_lines
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.bronze.refunds_raw import refunds_raw

ORDER = {
    "order_id": "o1",
    "ordered_at": "2026-03-01T09:00:00Z",
    "status": "Paid",
    "updated_at": "2026-03-02T09:00:00Z",
    "lines": [{"line_number": 1, "product_id": "p", "quantity": 2, "unit_price": 5, "tax": "1.67"}],
    "shipping": 3,
    "payments": [{"payment_id": "m1", "amount": 13}, {"payment_id": "m2", "updated_at": "2026-03-05T09:00:00Z"}],
}
REFUND = {"refund_id": "r1", "order_id": "o1", "lines": ORDER["lines"], "amount": 5}


def test_the_lines_of_an_order_have_its_status_time_and_record(arrived, zenith):
    goods, shipping = ordered_lines(arrived(orders_raw, json.dumps(ORDER)), zenith).collect()

    for line in (goods, shipping):
        assert (line.status, line.updated_at.day, line.version_line, line._type_errors) == ("paid", 2, 1, [])
    assert (goods.tax, shipping.tax) == (Decimal("1.6700"), None)


def test_an_empty_currency_is_that_of_the_feed(arrived, zenith):
    rows = ordered_lines(arrived(orders_raw, json.dumps(ORDER | {"currency": ""})), zenith).collect()

    assert {row.currency for row in rows} == {zenith.currency}


def test_a_part_of_an_order_without_lines_replaces_none_and_its_payments_count(arrived, zenith):
    part = arrived(orders_raw, json.dumps({name: cell for name, cell in ORDER.items() if name != "lines"}))

    [line] = ordered_lines(part, zenith).collect()

    assert (line._source.problem, line.line_class) == ("lines_missing", "goods")
    assert [row._source.problem for row in payments(part, zenith).collect()] == [None, None]


def test_the_tax_of_a_returned_line_is_negative(arrived, zenith):
    [line] = returned_lines(arrived(refunds_raw, json.dumps(REFUND)), zenith).collect()

    assert (line.tax, line.status, line.updated_at) == (Decimal("-1.6700"), None, None)


def test_a_payment_has_its_own_time_of_change_or_that_of_its_order(arrived, zenith):
    rows = payments(arrived(orders_raw, json.dumps(ORDER)), zenith).collect()

    assert {row.payment_id: row.updated_at.day for row in rows} == {"m1": 2, "m2": 5}


@pytest.mark.parametrize(("status", "expected"), [(None, "refunded"), ("cancelled", "cancelled")])
def test_a_refund_is_refunded_unless_it_is_cancelled(arrived, zenith, status, expected):
    [row] = refund_payments(arrived(refunds_raw, json.dumps(REFUND | {"status": status})), zenith).collect()

    assert row.status == expected


@pytest.mark.parametrize(("sent", "rows"), [("[ ]", 0), ("null", 0), ("[null]", 1), ("[1]", 1), ('"x"', 1), ("{}", 1)])
def test_payments_that_are_none_make_no_row_and_unreadable_ones_one(arrived, zenith, sent, rows):
    record = json.dumps(ORDER | {"payments": 0}).replace('"payments": 0', f'"payments": {sent}')

    assert payments(arrived(orders_raw, record), zenith).count() == rows


def test_a_time_or_tax_that_does_not_fit_is_a_type_error(arrived, zenith):
    bad = ORDER | {"updated_at": "soon", "shipping": 0, "lines": [ORDER["lines"][0] | {"tax": "some"}]}

    [line] = ordered_lines(arrived(orders_raw, json.dumps(bad)), zenith).collect()

    assert line._type_errors == ["updated_at_fits_type", "tax_fits_type"]

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

LINE = {"line_number": 1, "product_id": "p1", "quantity": 2, "unit_price": "10.00"}
ORDER = {
    "order_id": "o1",
    "ordered_at": "2026-03-01T09:00:00Z",
    "customer_id": "c1",
    "country": "GB",
    "currency": "EUR",
    "lines": [LINE],
}
REFUND = {"refund_id": "r1", "order_id": "o1", "refunded_at": "2026-03-05T23:30:00Z", "customer_id": "c1"}
REFUND |= {"currency": "EUR", "lines": [LINE | {"quantity": 1}], "payment_id": "m1", "amount": "10.00"}


@pytest.fixture
def build(arrived, some, split_rows, zenith):
    """The valid order lines of orders and refunds, and the violations of the others by line."""

    def build(orders=(), refunds=()):
        ordered = [text if isinstance(text, str) else json.dumps(ORDER | text) for text in orders]
        refunded = [json.dumps(REFUND | each) for each in refunds]
        raw = arrived(orders_raw, *ordered), arrived(refunds_raw, *refunded), some(events), some(products)
        return split_rows(order_lines, order_lines(*raw, feeds=(zenith,)))

    return build


def test_an_order_becomes_a_row_per_line(build):
    lines, reasons = build([{"lines": [LINE, LINE | {"line_number": 2, "product_id": "p2", "quantity": 1}]}])

    assert reasons == {}
    assert [(line.line_number, line.product_id, line.quantity, line.amount) for line in lines] == [
        (1, "p1", 2, Decimal("20.0000")),
        (2, "p2", 1, Decimal("10.0000")),
    ]
    assert {(line.order_id, line.document_id, line.kind, line.line_class) for line in lines} == {
        ("o1", "o1", "sale", "goods")
    }
    assert {(line.customer_id, line.country, line.currency) for line in lines} == {("c1", "GB", "EUR")}


def test_shipping_and_discount_are_lines_of_their_own(build):
    lines, _ = build([{"shipping": "4.95", "discount": 3}])

    assert [(line.line_number, line.kind, line.line_class, line.quantity, line.amount) for line in lines] == [
        (1, "sale", "goods", 2, Decimal("20.0000")),
        (-1, "sale", "shipping", 1, Decimal("4.9500")),
        (-2, "adjustment", "discount", 1, Decimal("-3.0000")),
    ]


def test_an_order_without_shipping_or_discount_has_no_such_line(build):
    lines, reasons = build([{"shipping": 0, "discount": "0.00"}, {"shipping": None, "discount": None}])

    assert [line.line_class for line in lines] == ["goods", "goods"]
    assert reasons == {}


def test_an_order_with_two_payments_doubles_nothing(build):
    paid = {"method": "card", "amount": "10.00", "status": "paid", "paid_at": "2026-03-01T09:00:00Z"}

    lines, _ = build([{"payments": [paid | {"payment_id": "m1"}, paid | {"payment_id": "m2"}], "shipping": "5"}])

    assert sum(line.amount for line in lines) == Decimal("25")


def test_a_refund_is_negative_and_counts_on_its_own_day(build):
    [sold, returned] = sorted(build([{}], [{}])[0], key=lambda line: line.order_date)

    assert (sold.order_date, returned.order_date) == (date(2026, 3, 1), date(2026, 3, 5))
    assert (returned.kind, returned.line_class, returned.order_id, returned.document_id) == (
        *("return", "goods"),
        *("o1", "r1"),
    )
    assert (returned.quantity, returned.unit_price, returned.amount) == (-1, Decimal("10.0000"), Decimal("-10.0000"))


def test_two_partial_refunds_of_one_line_both_count(build):
    lines, _ = build([], [{"refund_id": "r1"}, {"refund_id": "r2"}])

    keys = {tuple(line[name] for name in order_lines.key) for line in lines}
    assert len(keys) == 2
    assert sum(line.amount for line in lines) == Decimal("-20")


@pytest.mark.parametrize("status", ["placed", "paid", "fulfilled", "cancelled", None])
def test_a_status_that_is_known_or_missing_is_valid(build, status):
    [line], reasons = build([{"status": status}])

    assert (line.status, reasons) == (status, {})


def test_an_unknown_status_is_quarantined(build):
    assert build([{"status": "lost"}]) == ([], {1: ["status_known"]})


def test_a_line_says_which_record_of_which_file_it_is_from(build):
    [line], _ = build([{}])

    assert (line.source_file, line.version_line, line.batch_id) == ("one", 1, "b1")


def test_a_guests_order_counts(build):
    [line], reasons = build([{"customer_id": None}])

    assert (line.customer_id, reasons) == (None, {})


def test_the_day_is_the_shops_own(build):
    lines, _ = build([{"ordered_at": f"2026-03-{day}:30:00Z"} for day in ("28T23", "29T22", "29T23")])

    assert [line.order_date.day for line in lines] == [28, 29, 30]
    assert lines[0].ordered_at == datetime(2026, 3, 28, 23, 30)


IMPLAUSIBLE = [
    ({"quantity": 0}, ["quantity_fits_kind"]),
    ({"quantity": -1}, ["quantity_fits_kind"]),
    ({"unit_price": -1}, ["unit_price_not_negative"]),
    ({"product_id": None}, ["product_id_present"]),
    ({"quantity": "two"}, ["quantity_fits_type", "quantity_present"]),
    ({"unit_price": "x"}, ["unit_price_fits_type", "unit_price_present"]),
    ({"line_number": None}, ["line_number_present"]),
]
"""What makes lines implausible, with every reason."""


def test_an_implausible_line_is_quarantined_with_every_reason(build):
    orders = [{"order_id": str(number), "lines": [LINE | line]} for number, (line, _) in enumerate(IMPLAUSIBLE)]

    assert build(orders) == ([], {number: reasons for number, (_, reasons) in enumerate(IMPLAUSIBLE, 1)})


def test_a_refund_of_a_negative_quantity_is_quarantined(build):
    assert build([], [{"lines": [LINE | {"quantity": -1}]}]) == ([], {1: ["quantity_fits_kind"]})


def test_an_invalid_line_does_not_quarantine_the_valid_lines_of_its_order(build):
    valid, reasons = build([{"lines": [LINE, LINE | {"line_number": 2, "quantity": 0}], "shipping": "much"}])

    assert [line.line_number for line in valid] == [1]
    assert list(reasons) == [1]


@pytest.mark.parametrize("kind", ["orders", "refunds"])
def test_a_document_whose_lines_are_empty_is_one_adjustment_of_nothing(build, kind):
    valid, reasons = build(*[[{"lines": []}] if each == kind else [] for each in ("orders", "refunds")])

    assert [(line.line_number, line.kind, line.line_class, line.quantity, line.amount) for line in valid] == [
        (0, "adjustment", "other", 0, 0)
    ]
    assert reasons == {}


@pytest.mark.parametrize("lines", [None, "none", 3])
def test_an_order_without_lines_is_quarantined_whole(build, lines):
    assert build([{"lines": lines, "shipping": "3.00"}]) == ([], {1: ["lines_missing"]})


def test_a_cut_record_has_the_single_reason_that_it_is_no_object(build):
    assert build([json.dumps(ORDER)[:-9]]) == ([], {1: ["is_json_object"]})


def test_a_price_in_a_line_with_the_most_digits_is_exact(build):
    text = json.dumps(ORDER).replace('"10.00"', "1234567890.1234").replace('"quantity": 2', '"quantity": 1')

    [line], _ = build([text])

    assert line.amount == Decimal("1234567890.1234")


BOUGHT = {
    "feed": "shop",
    "event_id": "e1",
    "event_name": "purchase",
    "event_at": "2015-06-02 05:00",
    "event_date": "2015-06-02",
    "visitor_id": "7",
    "product_id": "p1",
    "order_id": "o1",
}
PRICE = {"feed": "shop", "product_id": "p1", "valid_from": "2015-06-01", "price": "12.50"}


@pytest.fixture
def bought(some, retailrocket):
    """The order lines of purchase events and prices, by number."""

    def build(*parse_events, prices=(PRICE,)):
        records = some(events, *[BOUGHT | each for each in parse_events]), some(products, *prices)
        lines = order_lines(some(orders_raw), some(refunds_raw), *records, feeds=(retailrocket,))
        return evaluate_expectations(lines, order_lines.expectations).orderBy("order_date", "line_number").collect()

    return build


def test_a_purchase_is_a_line_at_the_price_of_that_time(bought):
    later = PRICE | {"valid_from": "2015-06-02 05:00:01", "price": 99}

    [line] = bought({}, prices=[PRICE | {"valid_to": "2015-06-02 05:00:01"}, later])

    assert (line.order_id, line.document_id, line.line_number, line.kind, line.line_class) == (
        *("o1", "e1", 1),
        *("sale", "goods"),
    )
    assert (line.customer_id, line.product_id, line.quantity, line.amount) == ("7", "p1", 1, Decimal("12.5000"))
    assert (line.order_date, line.currency, line.price_source, line[VIOLATIONS]) == (
        *(date(2015, 6, 2), "EUR", "history"),
        [],
    )


def test_a_price_that_is_unknown_is_null_and_the_line_counts(bought):
    [line] = bought({}, prices=[])

    assert (line.unit_price, line.amount, line.price_source, line[VIOLATIONS]) == (None, None, "history", [])


def test_the_price_of_an_event_comes_first(bought):
    [line] = bought({"unit_price": "3.00", "quantity": 2})

    assert (line.amount, line.price_source) == (Decimal("6.0000"), "event")


def test_lines_of_an_order_are_numbered_by_time_and_product_in_any_order(bought):
    parse_events = [
        {"event_id": "e3", "product_id": "p2"},
        {"event_id": "e9", "product_id": "p1"},
        {"event_id": "e5", "product_id": "p9", "event_at": "2015-06-02 04:59"},
        {"event_id": "e7", "event_at": "2015-06-03 00:01", "event_date": "2015-06-03"},
        {"event_id": "e8", "event_name": "add_to_cart"},
    ]

    result = [
        [(line.document_id, line.line_number) for line in bought(*each)] for each in (parse_events, parse_events[::-1])
    ]

    assert result == [[("e5", 1), ("e9", 2), ("e3", 3), ("e7", 1)]] * 2

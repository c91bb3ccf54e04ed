from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.reconciliation_orders import MEANINGS, reconciliation_orders
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.orders.payments import payments

LINE = {
    **{"feed": "shop", "order_id": "o1", "document_id": "o1", "line_number": 1, "kind": "sale", "line_class": "goods"},
    **{"order_date": "2026-03-01", "product_id": "lamp", "quantity": 2, "unit_price": "10.00", "amount": "20.00"},
}
RUG = LINE | {"line_number": 2, "product_id": "rug", "quantity": 1, "unit_price": "5.00", "amount": "5.00"}
DISCOUNT = LINE | {"line_number": -2, "kind": "adjustment", "line_class": "discount", "amount": "-1.00"}
SHIPPING = LINE | {"line_number": -1, "line_class": "shipping", "amount": "4.95"}
EVENT = {"feed": "shop", "order_id": "o1", "event_id": "e1", "event_at": "2026-03-01 12:00", "event_date": "2026-03-01"}
EVENT |= {"product_id": "lamp", "quantity": 2, "unit_price": "10.00", "currency": "GBP"}
RUG_EVENT = EVENT | {"event_id": "e2", "product_id": "rug", "quantity": 1, "unit_price": "5.00"}
PAYMENT = {"feed": "shop", "order_id": "o1", "payment_id": "p1", "kind": "payment", "status": "paid"}
PAYMENT |= {"amount": "20.00", "paid_date": "2026-03-01"}
REFUND = PAYMENT | {"payment_id": "r1", "kind": "refund", "status": "refunded", "amount": "-4.00"}


@pytest.fixture
def build(some, zenith):
    """The reconciled orders of lines, events and payments."""

    def build(lines=(LINE,), events=(EVENT,), paid=(PAYMENT,)):
        inputs = some(order_lines, *lines), some(purchases, *events), some(payments, *paid)
        return reconciliation_orders(*inputs, feeds=(zenith,)).orderBy("order_id").collect()

    return build


def causes(row):
    return {name: row[name] for name in MEANINGS if row[name]}


def test_an_order_whose_events_and_payments_agree_has_no_cause(build):
    [row] = build()

    assert (row.event_revenue, row.order_revenue, row.paid, row.received) == (20, 20, 20, 20)
    assert (causes(row), row.cause, row.unexplained) == ({}, None, 0)
    assert (row.order_date, row.currency) == (date(2026, 3, 1), "GBP")


CASES = {
    "no_event": ({"events": []}, 20),
    "no_order": ({"lines": [], "paid": []}, -20),
    "cancelled": ({"lines": [LINE | {"status": "cancelled"}], "paid": []}, -20),
    "duplicate_event": ({"events": [EVENT, EVENT | {"event_id": "e9"}]}, -20),
    "quantity_differs": ({"events": [EVENT | {"quantity": 3}]}, -10),
    "price_differs": ({"events": [EVENT | {"unit_price": "9.50"}]}, 1),
    "price_differs, none in the event": ({"events": [EVENT | {"unit_price": None}]}, 20),
    "price_differs, none in the order": ({"lines": [LINE | {"unit_price": None, "amount": None}], "paid": []}, -20),
    "product_missing": ({"events": [EVENT, RUG_EVENT]}, -5),
    "currency_differs": ({"events": [EVENT | {"currency": "EUR"}]}, 20),
    "unpaid": ({"paid": [PAYMENT | {"status": "failed"}]}, -20),
    "overpaid": ({"paid": [PAYMENT, PAYMENT | {"payment_id": "p2", "amount": "3.00"}]}, 3),
    "refund": ({"paid": [PAYMENT, REFUND]}, -4),
    "chargeback": ({"paid": [PAYMENT | {"status": "chargeback"}]}, -20),
}


def rows_of_cases(name, default):
    """The rows of an input in all cases, each case with an order of its own."""
    return [row | {"order_id": case} for case, (change, _) in CASES.items() for row in change.get(name, [default])]


@pytest.fixture(scope="module")
def reconciled():
    """The rows of `CASES`, which are reconciled at once."""
    return {}


@pytest.mark.parametrize("case", CASES)
def test_each_cause_is_the_whole_difference(build, reconciled, case):
    if not reconciled:
        lines, events, paid = map(rows_of_cases, ("lines", "events", "paid"), (LINE, EVENT, PAYMENT))
        reconciled |= {row.order_id: row for row in build(lines, events, paid)}

    row = reconciled[case]

    name = "no_order" if case == "cancelled" else case.partition(",")[0]
    cause = "currency" if case == "currency_differs" else name
    assert (causes(row), row.cause, row.unexplained) == ({name: CASES[case][1]}, cause, 0)


@pytest.mark.parametrize(
    ("line", "amount"), [(DISCOUNT, "-1.00"), (SHIPPING, "4.95"), (RUG | {"line_class": "tax"}, 5)]
)
def test_lines_besides_goods_explain_what_the_events_do_not_say(build, line, amount):
    [row] = build(lines=[LINE, line], paid=[PAYMENT | {"amount": 20 + Decimal(amount)}])

    assert list(causes(row).values()) == [Decimal(amount)]
    assert (row.order_revenue, row.unexplained) == (20 + Decimal(amount), 0)


def test_an_order_without_goods_is_an_order_too(build):
    paid = PAYMENT | {"amount": "4.95", "paid_date": "2026-03-05"}

    [row] = build(lines=[SHIPPING], events=[], paid=[paid])

    assert (row.order_date, row.order_revenue, row.payable, row.unexplained) == (
        date(2026, 3, 1),
        *[Decimal("4.95")] * 2,
        0,
    )
    assert causes(row) == {"shipping": Decimal("4.95")}


def test_a_line_without_its_event_is_missing_in_the_events(build):
    [row] = build(lines=[LINE, RUG], paid=[PAYMENT | {"amount": "25.00"}])

    assert causes(row) == {"product_missing": 5}


def test_several_lines_of_a_product_are_compared_one_by_one(build):
    second = LINE | {"line_number": 2, "quantity": 1, "amount": "10.00"}

    [row] = build(lines=[LINE, second], events=[EVENT, EVENT | {"event_id": "e2"}], paid=[PAYMENT | {"amount": 30}])

    assert (causes(row), row.unexplained) == ({"quantity_differs": -10}, 0)


def test_quantity_and_price_that_both_differ_explain_their_own_part(build):
    [row] = build(events=[EVENT | {"quantity": 1, "unit_price": "8.00"}])

    assert (causes(row), row.cause) == ({"quantity_differs": 8, "price_differs": 4}, "quantity_differs")


def test_wrong_answer_4_two_payments_and_two_later_refunds_with_shipping(build):
    paid = [PAYMENT | {"amount": "20.00"}, PAYMENT | {"payment_id": "p2", "amount": "4.95"}]
    back = LINE | {
        "document_id": "r1",
        "kind": "return",
        "quantity": -1,
        "amount": "-10.00",
        "order_date": "2026-04-01",
    }
    refunds = [REFUND | {"amount": "-10.00"}, REFUND | {"payment_id": "r2", "amount": "-14.95"}]

    [row] = build(lines=[LINE, SHIPPING, back], paid=[*paid, *refunds])

    assert (row.order_revenue, row.paid, row.received) == (Decimal("24.95"), Decimal("24.95"), 0)
    assert (causes(row), row.unexplained) == ({"shipping": Decimal("4.95"), "refund": Decimal("-24.95")}, 0)


def test_money_of_an_unknown_status_is_unexplained(build):
    [row] = build(paid=[PAYMENT, PAYMENT | {"payment_id": "p2", "status": "mystery", "amount": "3.00"}])

    assert (causes(row), row.unexplained_payment, row.unexplained) == ({}, 3, 3)


def test_an_amount_that_is_not_quantity_times_price_is_unexplained(build):
    [row] = build(lines=[LINE | {"amount": "19.50"}], paid=[PAYMENT | {"amount": "19.50"}])

    assert (row.cause, row.unexplained_revenue, row.unexplained) == (None, Decimal("-0.50"), Decimal("0.50"))


def test_orders_of_less_than_a_cent_are_payable_in_cents(build):
    thirds = {"quantity": 1, "unit_price": "0.3333"}

    [row] = build([LINE | thirds | {"amount": "0.3333"}], [EVENT | thirds], [PAYMENT | {"amount": "0.33"}])

    assert (row.order_revenue, row.payable, causes(row), row.unexplained) == (
        *(Decimal("0.3333"), Decimal("0.33")),
        *({}, 0),
    )


def test_a_payment_of_no_order_has_its_own_day(build):
    [row] = build(lines=[], events=[])

    assert (row.order_date, row.order_revenue, causes(row)) == (date(2026, 3, 1), 0, {"overpaid": 20})

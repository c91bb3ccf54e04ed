from decimal import Decimal

from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.orders.payments import payments
from shoplake.transforms.sales.reconcile import COLLECTED, NOT_SETTLED, charge_causes, received_money

LINE = {"feed": "shop", "order_id": "o1", "kind": "sale", "line_class": "shipping", "amount": "2.00"}
PAYMENT = {"feed": "shop", "order_id": "o1", "kind": "payment", "amount": "10.00"}
REFUND = PAYMENT | {"kind": "refund", "amount": "-4.00"}


def received(some, *rows):
    [row] = received_money(some(payments, *rows)).collect()
    return row.paid, row.refund, row.chargeback, row.received


def test_money_counts_by_kind_and_status(some):
    rows = [PAYMENT | {"status": "Paid"}, PAYMENT | {"status": "pending"}, REFUND | {"status": "refunded"}]

    assert received(some, *rows, REFUND | {"status": "failed"}) == (10, -4, 0, 6)


def test_a_payment_without_a_status_arrived(some):
    assert received(some, PAYMENT) == (10, 0, 0, 10)


def test_a_chargeback_is_a_payment_that_came_and_went_or_money_that_goes(some):
    assert received(some, PAYMENT | {"status": "chargeback"}) == (10, 0, -10, 0)
    assert received(some, PAYMENT, REFUND | {"method": "chargeback"}) == (10, 0, -4, 6)


def test_a_status_means_one_thing():
    assert not set(COLLECTED) & set(NOT_SETTLED)


def test_charges_are_by_class_without_returns_and_cancelled_documents(some):
    discount = LINE | {"kind": "adjustment", "line_class": "discount", "amount": "-1.00"}
    tax, goods = LINE | {"line_class": "tax", "amount": "3.00"}, LINE | {"line_class": "goods"}
    left_out = [LINE | {"kind": "return"}, LINE | {"status": "cancelled"}, goods]

    [row] = charge_causes(some(order_lines, LINE, discount, tax, *left_out)).collect()

    assert (row.discount, row.shipping, row.charges) == (Decimal("-1.00"), Decimal("2.00"), Decimal("3.00"))

import io
from decimal import Decimal

import pytest
from rich.console import Console

from shoplake.cli.demo.money_report import print_reconciliation
from shoplake.transforms.sales.reconcile import CHARGE_CAUSES, CURRENCY, GOODS_CAUSES, PAYMENT_CAUSES

TOTALS = {"event_revenue": Decimal(90), "order_revenue": Decimal(100), "payable": Decimal(100)}
TOTALS |= {"received": Decimal(80), "unexplained": Decimal(0), "orders": 0}
CAUSES = {"no_event": {"orders": 1, "amount": Decimal(10)}, "refund": {"orders": 2, "amount": Decimal(-20)}}


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80, color_system=None)


def text(console: Console) -> str:
    return console.file.getvalue()


def test_each_cause_is_between_the_sums_that_it_explains(console):
    print_reconciliation(console, TOTALS, CAUSES, "GBP")

    rows = text(console).splitlines()[3:]
    assert [row[:26].strip() for row in rows] == [
        *("revenue of purchase events", "no event", "revenue of orders", "refund", "money received", "unexplained")
    ]
    assert text(console).startswith("Yes")


def test_what_is_unexplained_is_no_yes(console):
    print_reconciliation(console, TOTALS | {"unexplained": Decimal("1.25"), "orders": 3}, CAUSES, "GBP")

    assert text(console).startswith("No: 1.25 GBP of 3 orders are left unexplained.")


def test_every_cause_of_the_table_has_its_row(console):
    names = (*GOODS_CAUSES, *CHARGE_CAUSES, *PAYMENT_CAUSES)
    causes = {CURRENCY.get(name, name): {"orders": 1, "amount": Decimal(1)} for name in names}
    print_reconciliation(console, TOTALS, causes, "GBP")

    shown = {row[:26].strip() for row in text(console).splitlines()}
    assert {name.replace("_", " ") for name in causes} <= shown

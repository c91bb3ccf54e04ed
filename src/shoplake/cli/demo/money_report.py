"""The demo's answer about money: whether events, orders and payments agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.console import format_number, text_table
from shoplake.transforms.sales.reconcile import CHARGE_CAUSES, CURRENCY, GOODS_CAUSES, PAYMENT_CAUSES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from rich.console import Console
    from rich.table import Table

    from shoplake.cli.demo.queries import Row


def print_reconciliation(console: Console, totals: Row, causes: Mapping[str, Row], currency: str) -> None:
    """Print how purchase events lead to order revenue, and orders to money received, cause by cause."""
    console.print(_verdict(totals, currency), style="bold")
    console.print()
    money = f"amount {currency}".strip()
    table = text_table("from events to payments", "orders", money, numbers=("orders", money))
    table.add_row("revenue of purchase events", "", _cents(totals["event_revenue"]), style="bold")
    _add_causes(table, causes, (*GOODS_CAUSES, *CHARGE_CAUSES))
    table.add_row("revenue of orders", "", _cents(totals["order_revenue"]), style="bold")
    rounding = (totals["payable"] or 0) - (totals["order_revenue"] or 0)
    if rounding:
        table.add_row("  parts of a cent", "", f"{rounding:,.4f}")
    _add_causes(table, causes, PAYMENT_CAUSES)
    table.add_row("money received", "", _cents(totals["received"]), style="bold")
    table.add_row("unexplained", format_number(totals["orders"] or 0), _cents(totals["unexplained"]), style="bold")
    console.print(table)


def _add_causes(table: Table, causes: Mapping[str, Row], names: tuple[str, ...]) -> None:
    for name in (CURRENCY.get(each, each) for each in names):
        if name in causes:
            row = causes[name]
            table.add_row(f"  {name.replace('_', ' ')}", format_number(row["orders"]), _cents(row["amount"]))


def _verdict(totals: Row, currency: str) -> str:
    if not totals["unexplained"]:
        return f"Yes: every difference has a cause, and 0.00 {currency} is left unexplained."
    orders = format_number(totals["orders"])
    return f"No: {_cents(totals['unexplained'])} {currency} of {orders} orders are left unexplained."


def _cents(amount: Decimal | None) -> str:
    return f"{amount or 0:,.2f}"

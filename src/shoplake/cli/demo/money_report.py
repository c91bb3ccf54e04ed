"""The demo's answers about cohorts, and whether events, orders and payments agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.console import format_number, format_percent, text_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from rich.console import Console

    from shoplake.cli.demo.queries import Row

SHADES = "·░▒▓█"
BEFORE_PAYMENT = (
    *("no_event", "no_order", "duplicate_event", "quantity_differs", "price_differs", "product_missing"),
    *("currency_differs", "discount", "shipping", "charges"),
)
PAYMENT = ("unpaid", "overpaid", "refund", "chargeback")


def print_cohorts(console: Console, rows: list[Row]) -> None:
    """Print a heat map: months of first order by the months since, with the share of customers who order then."""
    months = sorted({row["month_number"] for row in rows})
    names = [f"month {number}" for number in months]
    table = text_table("first order in", "customers", *names, numbers=["customers", *names])
    for cohort in sorted({row["cohort_month"] for row in rows}):
        cells = {row["month_number"]: row for row in rows if row["cohort_month"] == cohort}
        shown = [_heat(cells.get(number)) for number in months]
        table.add_row(f"{cohort:%B %Y}", format_number(cells[0]["customers"]), *shown)
    console.print(table)


def print_reconciliation(console: Console, totals: Row, causes: Mapping[str, Row], currency: str) -> None:
    """Print how purchase events lead to order revenue, and orders to money received, cause by cause."""
    console.print(_verdict(totals, currency), style="bold")
    console.print()
    money = f"amount {currency}".strip()
    table = text_table("from events to payments", "orders", money, numbers=("orders", money))
    table.add_row("revenue of purchase events", "", _cents(totals["event_revenue"]), style="bold")
    _add_causes(table, causes, BEFORE_PAYMENT)
    table.add_row("revenue of orders", "", _cents(totals["order_revenue"]), style="bold")
    rounding = (totals["payable"] or 0) - (totals["order_revenue"] or 0)
    if rounding:
        table.add_row("  parts of a cent", "", f"{rounding:,.4f}")
    _add_causes(table, causes, PAYMENT)
    table.add_row("money received", "", _cents(totals["received"]), style="bold")
    table.add_row("unexplained", format_number(totals["orders"] or 0), _cents(totals["unexplained"]), style="bold")
    console.print(table)


def _add_causes(table: object, causes: Mapping[str, Row], names: tuple[str, ...]) -> None:
    for name in names:
        if name in causes:
            row = causes[name]
            cells = (f"  {name.replace('_', ' ')}", format_number(row["orders"]), _cents(row["amount"]))
            table.add_row(*cells)  # type: ignore[attr-defined]


def _verdict(totals: Row, currency: str) -> str:
    if not totals["unexplained"]:
        return f"Yes: every difference has a cause, and 0.00 {currency} is left unexplained."
    orders = format_number(totals["orders"])
    return f"No: {_cents(totals['unexplained'])} {currency} of {orders} orders are left unexplained."


def _heat(row: Row | None) -> str:
    if row is None:
        return ""
    shade = SHADES[min(len(SHADES) - 1, int((row["retention"] or 0) * len(SHADES)))]
    return f"{shade} {format_percent(row['retention'])}"


def _cents(amount: Decimal | None) -> str:
    return f"{amount or 0:,.2f}"

"""The page Money: from the revenue of events to the money received, the gap by cause."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.serve.answers.money import AnomaliesQuery, ReconciliationQuery, anomalies, reconciliation
from shoplake.serve.answers.query.ranges import ALL
from shoplake.serve.answers.sales import SalesQuery, sales
from shoplake.serve.dashboard.blocks import Cell, Page, Stack
from shoplake.serve.dashboard.blocks import Table as TableBlock
from shoplake.serve.dashboard.formats import format_money
from shoplake.serve.dashboard.notices import about_payments, about_runs, about_sales, empty_sales
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Table
    from shoplake.serve.dashboard.page_state import PageState

ANOMALIES = 14
SALES_DIMENSIONS, VISIT_DIMENSIONS = ("country", "channel"), ("channel", "device")
"""Dimensions of anomalies by which lines and sessions are listed; the category of a line is not its top category."""
UNKNOWN, NO_VALUE = "(unknown)", "(none)"
"""What a segment without a value is called by anomalies, and by lists of sessions."""
LABELS = {
    "event_revenue": "Revenue of purchase events",
    "order_revenue": "Revenue of orders",
    "payable": "To be paid",
    "received": "Money received",
    "rounding": "Parts of a cent",
    "unexplained": "Unexplained",
}


def money(context: PageContext) -> Page:
    """Build the page: reconciliation, sales by currency, and days out of the ordinary."""
    right = Stack([_currencies(context), _anomalies(context)])
    notices = [*about_runs(context), *about_sales(context), *about_payments(context)]
    return Page("money", "Money", [_gap(context), right], notices=notices)


def _gap(context: PageContext) -> Table:
    state = context.state
    answer = reconciliation(context.generation, ReconciliationQuery(**state.money_scope))
    rows = [row for row in answer.rows.to_pylist() if row["kind"] == "total" or row["orders"] or row["amount"]]
    total = max((abs(row["amount"]) for row in rows if row["kind"] == "cause"), default=Decimal())
    return TableBlock(
        "From events to payments",
        ["Step", "Orders", "Amount"],
        [_step(context, row, total) for row in rows],
        context.origin(answer.meta),
        frozenset({1, 2}),
        csv_link("reconciliation", **state.money_scope),
        "Each cause links to its orders. Orders of this range, in one currency.",
        ("All orders that differ", state.rows_link("reconciliation_orders", **state.money_scope)),
    )


def _step(context: PageContext, row: Row, most: Decimal) -> list[Cell]:
    state, step = context.state, row["step"]
    if row["kind"] == "total":
        style = "total" if step != "unexplained" or row["amount"] == 0 else "total bad"
        amount = Cell(format_money(row["amount"], state.scope.currency), style=style)
        return [Cell(LABELS[step], style="total"), Cell(f"{row['orders']:,}", style="total"), amount]
    href = None if step == "rounding" else state.rows_link("reconciliation_orders", **state.money_scope, cause=step)
    label = LABELS.get(step, step.replace("_", " "))
    bar = float(abs(row["amount"]) / most) if most else None
    return [
        Cell(label, style="cause"),
        Cell(f"{row['orders']:,}", href),
        Cell(format_money(row["amount"], state.scope.currency, has_symbol=False), href, bar=bar),
    ]


def _currencies(context: PageContext) -> Table:
    state = context.state
    query = SalesQuery(**state.days, grain="total", by="currency", compare=state.compared)
    columns = [
        Shown("currency", "Currency", "code", lambda row: state.link("/money", currency=row["currency"])),
        Shown("orders", "Orders", "count"),
        Shown("returns", "Returns", "money"),
        Shown("net_sales", "Net sales", "money"),
    ]
    if state.compare != "none":
        columns.append(Shown("net_sales_change", "Change", good="up"))
    csv = csv_link("sales", **state.days, grain="total", by="currency", compare=state.compare)
    note, empty = "Money of different currencies is never added up.", empty_sales(context)
    answer = sales(context.generation, query)
    return context.table("Sales by currency", answer, columns, csv=csv, note=note, empty=empty)


def _anomalies(context: PageContext) -> Table:
    state = context.state
    answer = anomalies(context.generation, AnomaliesQuery(**state.days, limit=ANOMALIES))
    columns = [
        Shown("anomaly_date", "Day", "day", lambda row: _counted_link(state, row)),
        Shown("what", "What"),
        Shown("segment", "Where"),
        Shown("kind", "Kind"),
        Shown("actual", "Actual", "sum"),
        Shown("expected", "Expected", "sum"),
    ]
    whats = [" ".join(filter(None, (row["measure"], row["currency"]))) for row in answer.rows.to_pylist()]
    answer = replace(answer, rows=answer.rows.append_column("what", pa.array(whats, pa.string())))
    csv, more = csv_link("anomalies", **state.days), ("All", state.rows_link("anomalies", **state.days))
    return context.table(
        "Days out of the ordinary",
        answer,
        columns,
        csv=csv,
        more=more,
        empty="None in this range.",
        note="All currencies. The CSV has the expected range.",
    )


def _counted_link(state: PageState, row: Row) -> str:
    """Return the address of the lines or sessions that an anomaly counts; those of all segments where no list tells."""
    dimension, _, value = row["segment"].partition("=")
    is_visits = row["measure"] == "sessions"
    chosen = {}
    if dimension in (VISIT_DIMENSIONS if is_visits else SALES_DIMENSIONS):
        chosen = {"by": dimension, "only": NO_VALUE if is_visits and value == UNKNOWN else value}
    days = {"since": row["anomaly_date"], "until": row["anomaly_date"]}
    if is_visits:
        return state.rows_link("funnel_members", feed=state.scope.feed, **chosen, step=0, **days)
    return state.rows_link("sales_lines", feed=state.scope.feed, **chosen, currency=row["currency"] or ALL, **days)

"""The page Overview: sales, orders, visits and conversion against the days before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoplake.serve.answers.journey import FunnelQuery, funnel
from shoplake.serve.answers.money import AnomaliesQuery, anomalies
from shoplake.serve.answers.products import ProductsQuery, products
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.sales import SalesQuery, sales
from shoplake.serve.dashboard.blocks import Chart, Interactive, Page, Stack
from shoplake.serve.dashboard.charts.interactive import script_name
from shoplake.serve.dashboard.charts.line_chart import LineChart, Point
from shoplake.serve.dashboard.formats import (
    format_day,
    format_money,
    format_range,
    money_digits,
)
from shoplake.serve.dashboard.notices import about_events, about_runs, about_sales, empty_sales
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link
from shoplake.serve.dashboard.pages.funnel_block import funnel_block
from shoplake.serve.dashboard.rounding import round_parts
from shoplake.serve.dashboard.tiles import sales_tiles

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Span, Table

PARTS = 12
"""Countries, categories or channels that are shown."""


def overview(context: PageContext) -> Page:
    """Build the page: tiles, net sales by period, the funnel, best products and sales by country."""
    blocks = [sales_tiles(context), sales_chart(context), *_below(context)]
    notices = [*about_runs(context), *about_sales(context), *about_events(context)]
    return Page("overview", "Overview", blocks, notices=notices)


def sales_chart(context: PageContext) -> Chart | Table:
    """Return net sales by period with those of the days before; days out of the ordinary have a dot.

    Where no order has arrived there is nothing to draw, and a sentence says so.
    """
    chart, table, legend = _drawn_sales(context)
    if not context.state.scope.has_orders:
        return replace(table, rows=[], span="wide", csv=None)
    wide, narrow = context.charts.draw(chart)
    table = replace(table, more=("Zoom in", context.state.link("/chart")))
    return Chart(_title(context), wide, narrow, table, legend)


def interactive(context: PageContext) -> Page:
    """Build the page of the same chart, drawn by the browser."""
    chart, table, legend = _drawn_sales(context)
    title, back = _title(context), ("Back to the overview", context.state.link("/"))
    if not context.state.scope.has_orders:
        table = replace(table, rows=[], span="full", csv=None, more=back)
        return Page("overview", title, [table], notices=about_sales(context))
    table = replace(table, more=back)
    script = f"/scripts/{script_name()}"
    return Page("overview", title, [Interactive(title, chart.interactive_spec(), script, table, legend[:2])])


def _title(context: PageContext) -> str:
    return ", ".join(filter(None, (f"Net sales by {context.state.grain}", context.state.scope.currency)))


def _drawn_sales(context: PageContext) -> tuple[LineChart, Table, list[tuple[str, str]]]:
    state = context.state
    query = SalesQuery(**state.money_scope, grain=state.grain, compare=state.compared)
    answer = sales(context.generation, query)
    marked = _marked_days(context)
    points = [_point(context, row, marked) for row in answer.rows.to_pylist()]
    name = f"Net sales by {state.grain}, {format_range(state.since, state.until)}. The table below has the numbers."
    return LineChart(name, points), _sales_table(context, answer), _legend(context, points)


def _legend(context: PageContext, points: list[Point]) -> list[tuple[str, str]]:
    before = ("before", "last year" if context.state.compare == "last_year" else "period before")
    entries = [
        (True, ("now", "this range")),
        (any(point.before is not None for point in points), before),
        (any(point.is_marked for point in points), ("flag", "out of the ordinary")),
        (any(point.is_unfinished for point in points), ("open", "unfinished")),
    ]
    return [entry for is_shown, entry in entries if is_shown]


def _marked_days(context: PageContext) -> dict[Any, str]:
    rows = anomalies(context.generation, AnomaliesQuery(**context.state.days)).rows.to_pylist()
    own = context.state.scope.currency
    return {
        row["anomaly_date"]: row["kind"] for row in rows if row["segment"] == "(all)" and row["currency"] in (None, own)
    }


def _point(context: PageContext, row: Row, marked: dict[Any, str]) -> Point:
    state = context.state
    before = None if state.compare == "none" else row["net_sales_before"]
    label = f"{row['period_start']:%b %Y}" if state.grain == "month" else format_day(row["period_start"], year=False)
    span = format_range(row["period_start"], row["period_end"])
    read_out = [span, format_money(row["net_sales"], state.scope.currency), _count(row["orders"], "order")]
    if before is not None:
        read_out.append(f"before {format_money(before, state.scope.currency)}")
    kinds = [kind for day, kind in marked.items() if row["period_start"] <= day <= row["period_end"]]
    read_out += kinds[:1] if state.grain == "day" else []
    now, then = (None if each is None else float(each) for each in (row["net_sales"], before))
    is_marked = bool(kinds) and state.grain == "day"
    return Point(label, now, then, tuple(read_out), not row["is_complete"], is_marked)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _sales_table(context: PageContext, answer: Answer) -> Table:
    state = context.state

    def lines(row: Row) -> str:
        days = {"since": row["period_start"], "until": row["period_end"]}
        return state.rows_link("sales_lines", **{**state.money_scope, **days})

    def returned(row: Row) -> str:
        days = {"since": row["period_start"], "until": row["period_end"]}
        return state.rows_link("sales_lines", **{**state.money_scope, **days, "kind": "return"})

    columns = [
        Shown("period_start", "From", "day"),
        Shown("orders", "Orders", "count"),
        Shown("returns", "Returns", "money", returned),
        Shown("net_sales", "Net sales", "money", lines),
    ]
    if state.compare != "none":
        columns += [Shown("net_sales_before", "Before", "money"), Shown("net_sales_change", "Change", good="up")]
    csv = csv_link("sales", **state.money_scope, grain=state.grain, compare=state.compare)
    return context.table(_title(context), answer, columns, csv=csv, empty=empty_sales(context))


def _below(context: PageContext) -> list[Any]:
    state = context.state
    answer = funnel(context.generation, FunnelQuery(**state.days, compare=state.compared))
    return [
        funnel_block(context, answer, "none", links=False),
        Stack([top_products(context)]),
        Stack(
            [by_dimension(context, "country", "Sales by country"), by_dimension(context, "channel", "Sales by channel")]
        ),
    ]


def top_products(context: PageContext, limit: int = 12) -> Table:
    """Return the products with the highest net sales."""
    state = context.state
    answer = products(context.generation, ProductsQuery(**state.days, compare=state.compared, limit=limit))
    answer = answer.where(lambda row: row["orders"] or row["net"])
    columns = [
        context.product_column(),
        Shown("views", "Views", "count"),
        Shown("orders", "Orders", "count"),
        Shown("net", "Net sales", "money", bar=True),
    ]
    if state.compare != "none":
        columns.append(Shown("net_change", "Change", good="up"))
    csv = csv_link("products", **state.days, compare=state.compared, limit=100_000)
    more = ("All products", state.link("/products"))
    empty = empty_sales(context, "Nothing was sold in this range.")
    return context.table("Top products", answer, columns, csv=csv, more=more, is_converted=True, empty=empty)


def by_dimension(context: PageContext, by: Any, title: str, *, span: Span = "half") -> Table:
    """Return sales by country, category or channel, the largest first; their cents add up to the net sales."""
    state = context.state
    query = SalesQuery(**state.money_scope, grain="total", by=by, compare=state.compared)
    answer, note = _added_up(context, sales(context.generation, query))

    def lines(row: Row) -> str:
        return state.rows_link("sales_lines", **state.money_scope, by=by, only=row[by])

    columns = [
        Shown(by, by.capitalize()),
        Shown("orders", "Orders", "count", lines),
        Shown("net_sales", "Net sales", "money", lines, bar=True),
    ]
    if state.compare != "none":
        columns.append(Shown("net_sales_change", "Change", good="up"))
    csv = csv_link("sales", **state.money_scope, grain="total", by=by, compare=state.compare)
    more = None
    if (count := answer.rows.num_rows) > PARTS:
        days = {**state.money_scope, "compare": state.compared}
        more = (f"All {count:,}", state.rows_link("sales", **days, grain="total", by=by))
        note = f"The first {PARTS} of {count:,}. {note}"
    shown = Answer(answer.rows.slice(0, PARTS), answer.meta)
    return context.table(title, shown, columns, csv=csv, span=span, more=more, note=note, empty=empty_sales(context))


def _added_up(context: PageContext, answer: Answer) -> tuple[Answer, str]:
    """Return parts of sales with net sales in cents that add up to those of the days, and a note that says so."""
    state, rows = context.state, answer.rows
    parts = rows["net_sales"].to_pylist()
    total = context.net_sales
    if not parts or total is None or None in parts:
        return answer, ""
    digits = money_digits(total, state.scope.currency)
    rounded = round_parts(parts, total, (state.until - state.since).days + 1, digits)
    place = rows.column_names.index("net_sales")
    rows = rows.set_column(place, "net_sales", pa.array(rounded, pa.decimal128(38, 2)))
    is_total = sum(rounded) == total.quantize(Decimal(1).scaleb(-digits))
    note = f"All add up to {format_money(total, state.scope.currency)}." if is_total else ""
    return Answer(rows, answer.meta), note

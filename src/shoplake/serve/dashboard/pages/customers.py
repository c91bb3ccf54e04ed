"""The page Customers: segments, tiers, cohorts and the best customers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from shoplake.serve.answers.customers import (
    UNKNOWN,
    CohortsQuery,
    CustomerListQuery,
    SegmentMovesQuery,
    SegmentsQuery,
    cohorts,
    customer_list,
    segment_moves,
    segments,
)
from shoplake.serve.dashboard.blocks import Cell, Heat, Page, Stack
from shoplake.serve.dashboard.formats import format_percent, format_range
from shoplake.serve.dashboard.notices import about_orders, about_runs, empty_sales
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Table

BEST, LEVELS, MOST_PERIODS, MOVES = 12, 9, 13, 5
NOBODY = "No customer has ordered yet."
NEW = "(none)"
"""The segment of customers before their first order."""


def customers_page(context: PageContext) -> Page:
    """Build the page; `cohort_by` in the address is month or week."""
    blocks: list[Any] = [
        _groups(context, "segment", "Segments"),
        Stack([_groups(context, "value_tier", "Value tiers"), _moves(context)]),
        _cohorts(context),
        _best(context),
    ]
    notices = [*about_runs(context), *about_orders(context)]
    period = _period(context)
    return Page("customers", "Customers", blocks, has_range=False, has_feed=True, period=period, notices=notices)


def _period(context: PageContext) -> str:
    scope = context.state.scope
    if scope.first_day is None or scope.last_day is None:
        return ""
    return f"All data: {format_range(scope.first_day, scope.last_day)}"


def _groups(context: PageContext, by: Any, title: str) -> Table:
    state = context.state

    def members(row: Row) -> str:
        return state.rows_link("customer_list", feed=state.scope.feed, by=by, only=row[by] or UNKNOWN, limit=1000)

    columns = [
        Shown(by, title.removesuffix("s")),
        Shown("customers", "Customers", "count", members),
        Shown("net", "Net sales", "money", bar=True),
        Shown("share_of_net", "Of all", "percent"),
        Shown("net_per_customer", "Per customer", "money"),
    ]
    answer = segments(context.generation, SegmentsQuery(by, state.scope.feed))
    if by == "value_tier":
        answer = replace(answer, rows=answer.rows.sort_by([("net_per_customer", "descending")]))
    csv = csv_link("segments", feed=state.scope.feed, by=by)
    return context.table(title, answer, columns, csv=csv, is_converted=True, empty=empty_sales(context, NOBODY))


def _moves(context: PageContext) -> Table:
    """Return the largest moves between segments in the last complete month."""
    feed = context.state.scope.feed
    answer = segment_moves(context.generation, SegmentMovesQuery(feed))
    rows: list[Row] = answer.rows.to_pylist()
    month = max((row["move_month"] for row in rows), default=None)
    is_move = [row["move_month"] == month and row["from_segment"] not in (NEW, row["to_segment"]) for row in rows]
    shown = answer.rows.filter(pa.array(is_move, pa.bool_())).slice(0, MOVES)
    columns = [
        Shown("from_segment", "From"),
        Shown("to_segment", "To"),
        Shown("customers", "Customers", "count", bar=True),
    ]
    title = "Moves between segments" if month is None else f"Moves between segments in {month:%B %Y}"
    more = ("All months", context.state.rows_link("segment_moves", feed=feed))
    csv, empty = csv_link("segment_moves", feed=feed), empty_sales(context, "Nobody moved in the last complete month.")
    return context.table(title, replace(answer, rows=shown), columns, csv=csv, more=more, empty=empty)


def _cohorts(context: PageContext) -> Heat:
    state = context.state
    grain: Any = "week" if state.extra.get("cohort_by") == "week" else "month"
    answer = cohorts(context.generation, CohortsQuery(grain, feed=state.scope.feed))
    rows: dict[Any, dict[int, Row]] = {}
    for row in answer.rows.to_pylist():
        rows.setdefault(row["cohort"], {})[row["number"]] = row
    latest = dict(list(rows.items())[-MOST_PERIODS:])
    last = min(max((number for row in latest.values() for number in row), default=0), MOST_PERIODS)
    most = max((row["retention"] or 0 for each in latest.values() for n, row in each.items() if n), default=0)
    numbers = range(1, last + 1)
    shown = [
        (
            f"{cohort:%b %Y}" if grain == "month" else f"{cohort:%d %b %Y}",
            f"{cells[0]['customers']:,}",
            [_heat_cell(cells.get(n), most) for n in numbers],
        )
        for cohort, cells in latest.items()
        if 0 in cells
    ]
    ways = [(each.capitalize(), state.link("/customers", cohort_by=each), each == grain) for each in ("month", "week")]
    return Heat(
        "Customers who came back",
        "First order",
        ["Customers", *(f"{grain.capitalize()} {n}" for n in numbers)],
        shown,
        context.origin(answer.meta),
        csv_link("cohorts", feed=state.scope.feed, grain=grain),
        "Share of the cohort that ordered in that period. Hatched: the period is not over.",
        span="full",
        links=ways,
        empty=empty_sales(context, NOBODY),
    )


def _heat_cell(row: Row | None, most: float) -> Cell:
    if row is None:
        return Cell("", style="none")
    share = row["retention"] or 0
    level = round(LEVELS * share / most) if most else 0
    return Cell(format_percent(share), style=f"h{level}{'' if row['is_complete'] else ' open'}")


def _best(context: PageContext) -> Table:
    state = context.state

    def one(row: Row) -> str | None:
        return state.link(f"/customers/{quote(row['customer_id'], safe='')}") if context.can_see_personal else None

    columns = [
        Shown("customer_id", "Customer", "code", one),
        Shown("segment", "Segment"),
        Shown("orders", "Orders", "count"),
        Shown("net", "Net sales", "money", bar=True),
        Shown("p_alive", "Still active", "percent"),
        Shown("value_365d", "Expected next year", "money"),
    ]
    answer = customer_list(context.generation, CustomerListQuery(feed=state.scope.feed, limit=BEST))
    note = "" if context.can_see_personal else "The page of one customer needs a role that sees personal data."
    more = ("All customers", state.rows_link("customer_list", feed=state.scope.feed, limit=1000))
    csv = csv_link("customer_list", feed=state.scope.feed, limit=100_000)
    empty = empty_sales(context, NOBODY)
    return context.table(
        "Best customers", answer, columns, csv=csv, note=note, more=more, span="full", empty=empty, is_converted=True
    )

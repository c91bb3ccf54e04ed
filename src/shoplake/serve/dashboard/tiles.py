"""The tiles of the first page: each metric of the range, and its change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.serve.answers.journey import VisitsQuery, visits
from shoplake.serve.answers.sales import SalesQuery, sales
from shoplake.serve.dashboard.blocks import Tile, Tiles
from shoplake.serve.dashboard.formats import MISSING, format_change, format_day, format_range
from shoplake.serve.dashboard.measures import TILES, format_measure, judge
from shoplake.transforms.sales.sales_metrics import CONVERSION, RETURNS, VISITS

if TYPE_CHECKING:
    from shoplake.declare import Metric
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.page_context import PageContext, Row
    from shoplake.serve.dashboard.page_state import PageState

NO_COMPARISON = "no comparison"


def sales_tiles(context: PageContext) -> Tiles:
    """Return the tiles of sales and of visits; a metric of what has not arrived is a dash, and not zero."""
    state = context.state
    total = sales(context.generation, SalesQuery(**state.money_scope, grain="total", compare=state.compared))
    visited = visits(context.generation, VisitsQuery(**state.days, grain="total", compare=state.compared))
    [sold], [seen] = total.rows.to_pylist(), visited.rows.to_pylist()
    against = NO_COMPARISON if state.compare == "none" else _against(state, sold)
    net, orders, average, returned, margin = (_tile(context, each, sold, total, against) for each in TILES)
    visit, conversion = (_tile(context, each, seen, visited, against) for each in (VISITS, CONVERSION))
    return Tiles([net, orders, average, visit, conversion, returned, margin])


def _against(state: PageState, row: Row) -> str:
    if row["before_start"] is not None:
        return f"vs {format_range(row['before_start'], row['before_end'])}"
    whole, first = state.scope.last_whole_day, state.scope.first_day
    if whole is None or first is None or whole < state.since:
        return "no whole day to compare"
    return f"the data begins on {format_day(first)}"


def _tile(context: PageContext, measure: Metric, row: Row, answer: Answer, against: str) -> Tile:
    state = context.state
    change = None if state.compare == "none" else row[f"{measure.name}_change"]
    what, has_arrived = ("order", state.scope.has_orders) if measure in TILES else ("event", state.scope.has_events)
    return Tile(
        measure.label,
        format_measure(row[measure.name], measure, state.scope.currency) if has_arrived else MISSING,
        format_change(change) if has_arrived else "",
        judge(measure, change),
        against if has_arrived else f"no {what} has arrived",
        measure.meaning,
        context.origin(answer.meta),
        _rows_behind(state, measure) if has_arrived else None,
    )


def _rows_behind(state: PageState, measure: Metric) -> str | None:
    if measure is CONVERSION:
        return state.rows_link("funnel_members", **state.days, state="converted")
    if measure is VISITS:
        return state.rows_link("funnel_members", **state.days, step=0)
    return state.rows_link("sales_lines", **state.money_scope, kind="return" if measure is RETURNS else None)

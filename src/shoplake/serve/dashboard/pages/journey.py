"""The page Journey: funnel by channel and device, paths, and carts."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoplake.errors import hint
from shoplake.serve.answers.carts import CartsQuery, carts
from shoplake.serve.answers.journey import FunnelQuery, PathsQuery, VisitsQuery, funnel, paths, visits
from shoplake.serve.dashboard.blocks import Page, Stack, Steps
from shoplake.serve.dashboard.notices import about_events, about_runs, empty_visits
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link
from shoplake.serve.dashboard.pages.funnel_block import funnel_block
from shoplake.serve.errors import AnswerNotFoundError

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Span, Table

SPLITS = ("none", "channel", "device")
MOST_FUNNELS = 9
PATHS = 12


def journey(context: PageContext) -> Page:
    """Build the page; `by` in the address splits the funnel by channel or device."""
    by = context.state.extra.get("by") or "none"
    if by not in SPLITS:
        raise AnswerNotFoundError(f"Unknown split '{by[:40]}'. {hint(by, SPLITS)}")
    devices, states = _conversion(context, "device", "half"), _carts(context)
    blocks: list[Any] = _funnels(context, by)
    if by == "none":
        blocks += [_conversion(context, "channel", "wide"), _paths(context), Stack([devices, states])]
    else:
        left = [_conversion(context, "channel", "half"), devices]
        blocks += [Stack(left), Stack([_paths(context), states])]
    return Page("journey", "Journey", blocks, notices=[*about_runs(context), *about_events(context)])


def _funnels(context: PageContext, by: Any) -> list[Steps]:
    answer = funnel(context.generation, FunnelQuery(**context.state.days, compare=context.state.compared))
    blocks = [funnel_block(context, answer, "none" if by == "none" else by)]
    if by != "none":
        answer = funnel(context.generation, FunnelQuery(**context.state.days, by=by, compare=context.state.compared))
        values = list(dict.fromkeys(row[by] for row in answer.rows.to_pylist()))[:MOST_FUNNELS]
        blocks += [funnel_block(context, answer, by, links=False, only=value) for value in values]
    return blocks


def _conversion(context: PageContext, by: Any, span: Span) -> Table:
    state = context.state
    query = VisitsQuery(**state.days, grain="total", by=by, compare=state.compared)

    def listed(row: Row, **which: Any) -> str:
        return state.rows_link("funnel_members", **state.days, by=by, only=row[by], **which)

    columns = [
        Shown(by, by.capitalize()),
        Shown("sessions", "Visits", "count", partial(listed, step=0), bar=True),
        Shown("converted", "With purchase", "count", partial(listed, state="converted")),
        Shown("conversion", "Conversion", "percent"),
    ]
    if state.compare != "none":
        columns.append(Shown("conversion_change", "Change", good="up"))
    csv = csv_link("visits", **state.days, grain="total", by=by, compare=state.compare)
    answer = visits(context.generation, query)
    seen = [row[by] is not None or row["sessions"] > 0 for row in answer.rows.to_pylist()]
    shown = replace(answer, rows=answer.rows.filter(pa.array(seen, pa.bool_())))
    return context.table(f"Conversion by {by}", shown, columns, csv=csv, span=span, empty=empty_visits(context))


def _carts(context: PageContext) -> Table:
    state = context.state

    def listed(row: Row) -> str:
        return state.rows_link("cart_list", **state.days, state=row["state"])

    answer = carts(context.generation, CartsQuery(**state.days, compare=state.compared))
    columns = [
        Shown("state", "State"),
        Shown("carts", "Carts", "count", listed),
        Shown("share", "Share", "percent"),
        Shown("value", "Value", "money", bar=True),
    ]
    if state.compare != "none":
        columns.append(Shown("share_before", "Share before", "percent"))
    note = "Open carts can still be recovered; their week is not over."
    csv = csv_link("carts", **state.days, compare=state.compare)
    return context.table("Carts", answer, columns, csv=csv, note=note, is_converted=True, empty=empty_visits(context))


def _paths(context: PageContext) -> Table:
    state = context.state
    answer = paths(context.generation, PathsQuery(**state.days, limit=PATHS))
    columns = [
        Shown("from_page_type", "From"),
        Shown("to_page_type", "To"),
        Shown("sessions", "Times", "count", bar=True),
        Shown("share", "Of all that leave", "percent"),
    ]
    more = ("All paths", state.rows_link("paths", **state.days, limit=1000))
    csv = csv_link("paths", **state.days, limit=100_000)
    return context.table("Paths", answer, columns, csv=csv, more=more, empty=empty_visits(context))

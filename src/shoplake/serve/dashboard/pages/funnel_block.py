"""The funnel as bars, with links to who reaches a step and who leaves before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.serve.dashboard.blocks import Step, Steps
from shoplake.serve.dashboard.formats import format_percent
from shoplake.serve.dashboard.notices import empty_visits
from shoplake.serve.dashboard.page_state import csv_link

if TYPE_CHECKING:
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.page_context import PageContext, Row

LABELS = {
    "page_view": "Page view",
    "product_view": "Product view",
    "add_to_cart": "Add to cart",
    "checkout_started": "Checkout",
    "purchase": "Purchase",
}


TICK = "The tick is the share in the days before."
ORDER = "Visits that take the steps in this order; conversion counts every visit with a purchase."


def funnel_block(
    context: PageContext, answer: Answer, by: str, *, links: bool = True, only: str | None = None
) -> Steps:
    """Return the funnel of all visits, or of one value of a dimension; the tick is the share of the days before."""
    rows = [row for row in answer.rows.to_pylist() if only is None or row[by] == only]
    state = context.state
    steps = [_step(context, row, by, only) for row in rows]
    splits = [("All", "none"), ("Channel", "channel"), ("Device", "device")]
    ways = [
        (label, state.link("/journey", by=None if value == "none" else value), value == by) for label, value in splits
    ]
    title = "From visit to purchase" if only is None else only.replace("_", " ")
    csv = csv_link("funnel", **state.days, by=by, compare=state.compare)
    has_ticks = any(step.before is not None for step in steps)
    note = f"{TICK if has_ticks else ''} {ORDER if only is None else ''}".strip()
    ways, empty = ways if links else [], empty_visits(context)
    return Steps(title, steps, context.origin(answer.meta), csv, note, links=ways, empty=empty)


def _step(context: PageContext, row: Row, by: str, only: str | None) -> Step:
    state = context.state
    share = row["rate_from_start"] or 0.0
    who: dict[str, Any] = {**state.days, "step": row["step_number"], "by": by if only else None, "only": only}
    left = None
    if row["dropped"]:
        words = f"{row['dropped']:,} left"
        left = (words, state.rows_link("funnel_members", **who, state="dropped"))
    return Step(
        LABELS.get(row["step"]) or str(row["step"]),
        f"{row['sessions']:,}",
        share,
        format_percent(share),
        row["rate_from_start_before"] if state.compare != "none" else None,
        state.rows_link("funnel_members", **who, state="reached"),
        left,
    )

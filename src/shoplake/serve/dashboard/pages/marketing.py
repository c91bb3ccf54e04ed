"""The page Marketing: what each model credits to a channel, spend and return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.serve.answers.marketing import MODELS, AttributionQuery, attribution
from shoplake.serve.dashboard.blocks import Page
from shoplake.serve.dashboard.notices import about_runs, about_sales, empty_sales
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link
from shoplake.serve.dashboard.pages.overview import by_dimension

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.serve.dashboard.blocks import Table

LABELS = {
    "first": "First",
    "last": "Last",
    "last_non_direct": "Last not direct",
    "last_paid": "Last paid",
    "linear": "Linear",
    "position": "Position",
    "decay": "Decay",
    "data_driven": "Data-driven",
}


def marketing(context: PageContext) -> Page:
    """Build the page: models side by side, return on spend by campaign, and sales by channel."""
    blocks = [_models(context), _spend(context), by_dimension(context, "channel", "Sales by channel of the visit")]
    return Page("marketing", "Marketing", blocks, notices=[*about_runs(context), *about_sales(context)])


def _models(context: PageContext) -> Table:
    state = context.state

    def touches(model: str) -> Callable[[Row], str]:
        def link(row: Row) -> str:
            return state.rows_link("attribution_orders", **state.money_scope, model=model, channel=row["channel"])

        return link

    columns = [Shown("channel", "Channel")]
    columns += [Shown(f"revenue_{model}", LABELS[model], "money", touches(model)) for model in MODELS]
    note = "Each column adds up to the revenue of the same orders; a number links to the touches that it counts."
    answer = attribution(context.generation, AttributionQuery(**state.money_scope))
    return context.table(
        "Revenue by channel and model",
        answer,
        columns,
        csv=csv_link("attribution", **state.money_scope),
        note=note,
        span="full",
        empty=empty_sales(context),
    )


def _spend(context: PageContext) -> Table:
    state = context.state
    query: dict[str, Any] = {**state.money_scope, "by": "campaign"}
    answer = attribution(context.generation, AttributionQuery(**query))
    paid = answer.rows.filter(answer.rows["spend"].is_valid())
    columns = [
        Shown("channel", "Channel"),
        Shown("campaign", "Campaign", "code"),
        Shown("spend", "Spend", "money"),
        Shown("revenue_last", "Last", "money"),
        Shown("revenue_data_driven", "Data-driven", "money", bar=True),
        Shown("roas", "Return", "number"),
    ]
    note = "Return: data-driven revenue a unit of spend."
    return context.table(
        "Spend and return by campaign",
        type(answer)(paid, answer.meta),
        columns,
        csv=csv_link("attribution", **query),
        note=note,
        empty="No spend was loaded for this range.",
    )

"""Attribution of orders to channels and campaigns, beside what was spent on them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import Currency, Feed, Limit, Since, Until, clamp
from shoplake.serve.answers.query.ranges import find_range, find_scope
from shoplake.serve.store.generation import Generation

Model = Literal["first", "last", "last_non_direct", "last_paid", "linear", "position", "decay", "data_driven"]
MODELS = ("first", "last", "last_non_direct", "last_paid", "linear", "position", "decay", "data_driven")


@dataclass(frozen=True)
class AttributionQuery:
    """Revenue by channel or campaign and by model."""

    since: Since = None
    until: Until = None
    by: Annotated[Literal["channel", "campaign"], "Channels, or campaigns of channels."] = "channel"
    feed: Feed = None
    currency: Currency = None


def attribution(generation: Generation, query: AttributionQuery) -> Answer:
    """Show what each model credits to a channel, side by side, with its spend and the return on it.

    Every model's credits add up to the revenue of the orders. `roas` is the data-driven revenue a unit of spend.
    """
    scope = find_scope(generation, query.feed, query.currency)
    days = find_range(scope, query.since, query.until)
    shown = "channel" if query.by == "channel" else "channel, campaign"
    models = [
        f"coalesce(sum(revenue) FILTER (model = '{model}'), 0)::DECIMAL(18,4) AS revenue_{model}" for model in MODELS
    ]
    sql = f"""
        SELECT *, (revenue_data_driven / nullif(spend, 0))::DOUBLE AS roas FROM (
            SELECT {shown}, coalesce(sum(orders) FILTER (model = 'data_driven'), 0)::DECIMAL(18,6) AS orders,
                {", ".join(models)}, sum(spend) FILTER (model = 'data_driven')::DECIMAL(18,4) AS spend
            FROM gold.attribution_daily
            WHERE feed = ? AND currency IS NOT DISTINCT FROM ? AND order_date BETWEEN ? AND ? GROUP BY ALL)
        WHERE revenue_first <> 0 OR revenue_last <> 0 OR revenue_linear <> 0 OR spend IS NOT NULL OR orders <> 0
        ORDER BY revenue_data_driven DESC, {shown}
    """
    return build_answer(generation, "gold.attribution_daily", sql, [scope.feed, scope.currency, *days])


@dataclass(frozen=True)
class AttributionOrdersQuery:
    """The touches of the orders that a model credits to a channel."""

    model: Annotated[Model, "Attribution model."] = "last"
    channel: Annotated[str | None, "One channel. By default all."] = None
    since: Since = None
    until: Until = None
    feed: Feed = None
    currency: Currency = None
    limit: Limit = 1000


def attribution_orders(generation: Generation, query: AttributionOrdersQuery) -> Answer:
    """List the touches that a model credits, with the day of the order; their revenue adds up to the credit."""
    scope = find_scope(generation, query.feed, query.currency)
    days = find_range(scope, query.since, query.until)
    sql = f"""
        SELECT order_id, order_date, touch_number, touches, touched_at, channel, campaign, days_before,
            weight_{query.model} AS weight, revenue_{query.model} AS revenue
        FROM gold.attribution_touches
        WHERE feed = ? AND currency IS NOT DISTINCT FROM ? AND order_date BETWEEN ? AND ?
            AND (?::VARCHAR IS NULL OR channel = ?) AND weight_{query.model} <> 0
        ORDER BY order_date, order_id, touch_number
    """
    parameters = [scope.feed, scope.currency, *days, query.channel, query.channel]
    limit = clamp(query.limit)
    return build_answer(generation, "gold.attribution_touches", sql, parameters, limit=limit)

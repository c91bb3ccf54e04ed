"""The views of a product that its numbers count."""

from dataclasses import dataclass
from typing import Annotated

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import Feed, Limit, Since, Until, clamp
from shoplake.serve.answers.query.ranges import find_range, find_scope
from shoplake.serve.store.generation import Generation

VIEWS = """
    SELECT event_at, event_date, event_id, product_id, visitor_id, customer_id, device, utm_source, utm_campaign
    FROM silver.events
    WHERE feed = ? AND event_date BETWEEN ? AND ? AND event_name = 'product_view' AND NOT is_bot
        AND product_id IS NOT NULL AND (?::VARCHAR IS NULL OR product_id = ?)
    ORDER BY event_at, event_id
"""


@dataclass(frozen=True)
class ProductViewsQuery:
    """The views of a product on some days."""

    product: Annotated[str | None, "The product's id. By default all."] = None
    since: Since = None
    until: Until = None
    feed: Feed = None
    limit: Limit = 1000


def product_views(generation: Generation, query: ProductViewsQuery) -> Answer:
    """List the views that `gold.product_performance_daily` counts for a product, without bots."""
    scope = find_scope(generation, query.feed)
    parameters = [scope.feed, *find_range(scope, query.since, query.until), query.product, query.product]
    return build_answer(generation, "silver.events", VIEWS, parameters, limit=clamp(query.limit))

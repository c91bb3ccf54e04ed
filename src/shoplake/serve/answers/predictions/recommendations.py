"""Recommendations: what goes with a product, and what a customer may buy next."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pyarrow as pa

from shoplake.serve.answers.products import NAMES
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer, describe
from shoplake.serve.answers.query.parameters import Feed, Limit, clamp
from shoplake.serve.answers.query.ranges import find_scope
from shoplake.serve.store.generation import Generation

OF_PRODUCTS, OF_CUSTOMERS = "gold.recommendations", "gold.customer_recommendations"
Kind = Literal["all", "together", "similar", "next"]
PRODUCTS = f"""
    SELECT kind, r.product_id, o.product_name, rank, recommended_id, n.product_name AS recommended_name,
        n.category AS recommended_category, score, together, lift_low, source, reason
    FROM {OF_PRODUCTS} r LEFT JOIN {NAMES} o ON o.feed = r.feed AND o.product_id = r.product_id
    LEFT JOIN {NAMES} n ON n.feed = r.feed AND n.product_id = recommended_id
    WHERE r.feed = ? AND (?::VARCHAR IS NULL OR r.product_id = ?) AND (? = 'all' OR kind = ?)
    ORDER BY kind, r.product_id, rank
"""
CUSTOMERS = f"""
    WITH lists AS (SELECT * FROM {OF_CUSTOMERS} WHERE feed = ? AND customer_id = ?),
    reasons AS (
        SELECT feed, rank, unnest(because) AS bought_id, generate_subscripts(because, 1) AS place FROM lists
    ),
    names AS (
        SELECT feed, product_id, nullif(trim(product_name), '') AS name,
            count(*) OVER (PARTITION BY feed, product_name) > 1 AS is_repeated FROM {NAMES}
    ),
    named AS (
        SELECT rank, string_agg(CASE WHEN is_repeated THEN concat(name || ' · ', bought_id)
            ELSE coalesce(name, bought_id) END, ', ' ORDER BY place) AS because
        FROM reasons LEFT JOIN names n ON n.feed = reasons.feed AND n.product_id = bought_id GROUP BY rank
    )
    SELECT l.rank, l.product_id, n.product_name, n.category, l.score, l.source, named.because
    FROM lists l LEFT JOIN named USING (rank) LEFT JOIN {NAMES} n ON n.feed = l.feed AND n.product_id = l.product_id
    ORDER BY l.rank
"""


@dataclass(frozen=True)
class ProductRecommendationsQuery:
    """What goes with one product, or with all of them."""

    product: Annotated[str | None, "The product's id. By default all."] = None
    kind: Annotated[Kind, "together: bought in one order; similar: viewed in one session; next: bought later."] = "all"
    feed: Feed = None
    limit: Limit = 100


@dataclass(frozen=True)
class CustomerRecommendationsQuery:
    """Recommendations for one customer."""

    customer: Annotated[str, "The customer's id."] = ""
    feed: Feed = None
    limit: Limit = 100


def product_recommendations(generation: Generation, query: ProductRecommendationsQuery) -> Answer:
    """List the products that go with a product by kind, best first, with the reason."""
    if OF_PRODUCTS not in generation.versions:
        return _answer_nothing(generation, OF_PRODUCTS)
    feed = find_scope(generation, query.feed).feed
    parameters: list[Any] = [feed, query.product, query.product, query.kind, query.kind]
    return build_answer(generation, OF_PRODUCTS, PRODUCTS, parameters, limit=clamp(query.limit))


def customer_recommendations(generation: Generation, query: CustomerRecommendationsQuery) -> Answer:
    """List products for a customer, best first, and because of which bought products.

    There is no row for a guest or an unknown customer.
    """
    if OF_CUSTOMERS not in generation.versions:
        return _answer_nothing(generation, OF_CUSTOMERS)
    parameters: list[Any] = [find_scope(generation, query.feed).feed, query.customer]
    return build_answer(generation, OF_CUSTOMERS, CUSTOMERS, parameters, limit=clamp(query.limit))


def _answer_nothing(generation: Generation, table: str) -> Answer:
    """Return the answer of a lake that does not have the table."""
    return Answer(pa.table({"rank": pa.array([], pa.int32())}), describe(generation, table))

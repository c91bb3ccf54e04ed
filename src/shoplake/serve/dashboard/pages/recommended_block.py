"""Tables of recommendations, on the page of a product and on that of a customer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoplake.serve.answers.predictions.recommendations import (
    CustomerRecommendationsQuery,
    ProductRecommendationsQuery,
    customer_recommendations,
    product_recommendations,
)
from shoplake.serve.dashboard.page_context import PageContext, Shown
from shoplake.serve.dashboard.page_state import csv_link

if TYPE_CHECKING:
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.blocks import Table

KINDS = {
    "together": ("Goes with it", "Bought in one order."),
    "similar": ("Similar products", "Viewed in one session."),
    "next": ("Bought after it is viewed", "Viewed first and bought later in the session."),
}
FILL = "What pairs do not fill has popular products."
SHORT = 8
NOTABLE_LIFT = 1.05
"""The least lift that a reason names: products that all buy are together often without going with each other."""


def recommended_products(context: PageContext, product: str) -> list[Table]:
    """Return a table for each kind of list that the product has, or one that says that there is none."""
    tables = [_of_kind(context, product, kind) for kind in KINDS]
    return [table for table in tables if table.rows] or tables[:1]


def _of_kind(context: PageContext, product: str, kind: Any) -> Table:
    state, (title, note) = context.state, KINDS[kind]
    query = ProductRecommendationsQuery(product, kind, state.scope.feed, SHORT)
    columns = [
        context.product_column("recommended_name", "recommended_id"),
        Shown("reason", "Why", "code"),
    ]
    filters = {"product": product, "kind": kind, "feed": state.scope.feed}
    answer = _without_weak_lift(product_recommendations(context.generation, query))
    more = ("The whole list", state.rows_link("product_recommendations", **filters, limit=1000))
    csv = csv_link("product_recommendations", **filters, limit=1000)
    empty = "No list: nothing is bought or viewed yet."
    return context.table(title, answer, columns, csv=csv, note=f"{note} {FILL}", more=more, empty=empty)


def recommended_to_customer(context: PageContext, customer: str) -> Table:
    """Return the list of a customer."""
    feed = context.state.scope.feed
    answer = customer_recommendations(context.generation, CustomerRecommendationsQuery(customer, feed))
    columns = [
        Shown("rank", "Rank", "count"),
        context.product_column(),
        Shown("category", "Category", "code"),
        Shown("because", "Because of", "code"),
        Shown("source", "From"),
    ]
    csv = csv_link("customer_recommendations", customer=customer, feed=feed)
    note = "From history: what goes with the products bought. The others are popular ones."
    return context.table("Recommended", answer, columns, csv=csv, note=note, empty="No list.", span="full")


def _without_weak_lift(answer: Answer) -> Answer:
    """Return the list with reasons that name a lift only where it is above chance."""
    reasons = [
        row["reason"] if (row["lift_low"] or 0) >= NOTABLE_LIFT else row["reason"].partition(", at least ")[0]
        for row in answer.rows.to_pylist()
    ]
    place = answer.rows.column_names.index("reason")
    return replace(answer, rows=answer.rows.set_column(place, "reason", pa.array(reasons, pa.string())))

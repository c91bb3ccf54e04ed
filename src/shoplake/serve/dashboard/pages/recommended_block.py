"""Tables of recommendations, on the page of a product and on that of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shoplake.serve.answers.predictions.recommendations import (
    CustomerRecommendationsQuery,
    ProductRecommendationsQuery,
    customer_recommendations,
    product_recommendations,
)
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Table

KINDS = {
    "together": ("Goes with it", "Bought in one order."),
    "similar": ("Similar products", "Viewed in one session."),
    "next": ("Bought after it is viewed", "Viewed first and bought later in the session."),
}
FILL = "What pairs do not fill has popular products."
SHORT = 8


def recommended_products(context: PageContext, product: str) -> list[Table]:
    """Return a table for each kind of list that the product has, or one that says that there is none."""
    tables = [_of_kind(context, product, kind) for kind in KINDS]
    return [table for table in tables if table.rows] or tables[:1]


def _of_kind(context: PageContext, product: str, kind: Any) -> Table:
    state, (title, note) = context.state, KINDS[kind]
    query = ProductRecommendationsQuery(product, kind, state.scope.feed, SHORT)
    columns = [
        _product(context, "recommended_name", "recommended_id"),
        Shown("reason", "Why", "code"),
    ]
    filters = {"product": product, "kind": kind, "feed": state.scope.feed}
    answer = product_recommendations(context.generation, query)
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
        _product(context, "product_name", "product_id"),
        Shown("category", "Category", "code"),
        Shown("because", "Because of", "code"),
        Shown("source", "From"),
    ]
    csv = csv_link("customer_recommendations", customer=customer, feed=feed)
    note = "From history: what goes with the products bought. The others are popular ones."
    return context.table("Recommended", answer, columns, csv=csv, note=note, empty="No list.", span="full")


def _product(context: PageContext, name: str, id: str) -> Shown:
    def link(row: Row) -> str:
        return context.state.link(f"/products/{quote(row[id], safe='')}")

    return Shown(name, "Product", "code", link)

"""The page Products, and the page of one product."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoplake.serve.answers.products import (
    NAMES,
    ProductQuery,
    ProductsQuery,
    bought_together,
    price_changes,
    product_days,
    product_returns,
    products,
    stock_outs,
)
from shoplake.serve.answers.query.parameters import MAX_ROWS
from shoplake.serve.answers.query.ranges import ALL
from shoplake.serve.dashboard.blocks import Page, Stack
from shoplake.serve.dashboard.notices import about_events, about_runs, about_sales, empty_sales, empty_visits
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link
from shoplake.serve.dashboard.pages.overview import by_dimension
from shoplake.serve.dashboard.pages.recommended_block import recommended_products
from shoplake.serve.errors import AnswerNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.blocks import Table

ROWS, SHORT, DAYS = 15, 8, 31
NAME = f"SELECT product_name FROM {NAMES} WHERE feed = ? AND product_id = ?"


def products_page(context: PageContext) -> Page:
    """Build the page: best sellers, movers, categories, pairs, returns and stock-outs."""
    blocks: list[Any] = [
        _listed(context, "net", "Best sellers", ROWS, "half"),
        _listed(context, "views", "Views against orders", ROWS, "half"),
        _movers(context, "rising", "Rising"),
        _movers(context, "falling", "Falling"),
        by_dimension(context, "category", "Sales by category"),
        _pairs(context),
        _returns(context),
        _stock_outs(context),
    ]
    notices = [*about_runs(context), *about_sales(context), *about_events(context)]
    return Page("products", "Products", blocks, notices=notices)


def _name(context: PageContext, name: str = "product_name", id: str = "product_id") -> Shown:
    return context.product_column(name, id)


def _listed(context: PageContext, order: Any, title: str, limit: int, span: Any) -> Table:
    state = context.state
    query = ProductsQuery(**state.days, order_by=order, compare=state.compared, limit=limit)
    columns = [
        _name(context),
        Shown("views", "Views", "count", _views(context), bar=order == "views"),
        Shown("orders", "Orders", "count"),
    ]
    if order == "views":
        columns.append(Shown("conversion", "Orders a view", "percent"))
    else:
        columns.append(Shown("net", "Net sales", "money", bar=True))
    more = ("All products", state.rows_link("products", **state.days, order_by=order, limit=1000))
    csv = csv_link("products", **state.days, order_by=order, limit=100_000)
    answer = products(context.generation, query)
    if order == "net":
        answer = answer.where(lambda row: row["orders"] or row["net"])
        empty = empty_sales(context, "Nothing was sold in this range.")
    else:
        answer = answer.where(lambda row: row["views"])
        empty = empty_visits(context, "Nothing was viewed in this range.")
    return context.table(title, answer, columns, csv=csv, more=more, span=span, is_converted=True, empty=empty)


def _views(context: PageContext) -> Callable[[Row], str]:
    """Return the link from a product's number of views to the views."""
    days = context.state.days
    return lambda row: context.state.rows_link("product_views", **days, product=row["product_id"])


def _movers(context: PageContext, order: Any, title: str) -> Table:
    state = context.state
    query = ProductsQuery(**state.days, order_by=order, compare=state.compared, limit=SHORT)
    columns = [
        _name(context),
        Shown("net_before", "Before", "money"),
        Shown("net", "Net sales", "money"),
        Shown("net_change", "Change", good="up"),
    ]
    csv = csv_link("products", **state.days, order_by=order, compare=state.compared, limit=100_000)
    sign = 1 if order == "rising" else -1
    is_compared = state.has_comparison
    answer = products(context.generation, query).where(lambda row: is_compared and sign * _moved(row) > 0)
    empty = f"No product is {title.lower()}." if is_compared else "There are no days before to compare with."
    empty = empty_sales(context, empty)
    return context.table(title, answer, columns, csv=csv, empty=empty, is_converted=True)


def _moved(row: Row) -> Any:
    """Return a number with the sign of the difference in net sales from the days before; zero where it is unknown."""
    if row["net"] is None or row["net_before"] is None:
        return 0
    return row["net_change"] or row["net"] - row["net_before"]


def _pairs(context: PageContext, product: str | None = None) -> Table:
    feed = context.state.scope.feed
    answer = bought_together(context.generation, ProductQuery(product, feed, SHORT))
    both = [_name(context, "product_name_a", "product_a"), _name(context, "product_name_b", "product_b")]
    if product is not None:
        answer, both = _with_other(answer, product), [_name(context, "other_name", "other")]
    columns = [
        *both,
        Shown("together", "Baskets", "count"),
        Shown("lift", "Lift", "number"),
    ]
    note = "Lift 2: together twice as often as by chance. Over the whole data."
    csv, empty = csv_link("bought_together", feed=feed, product=product), empty_sales(context, "No pair stands out.")
    return context.table("Bought together", answer, columns, csv=csv, note=note, empty=empty)


def _with_other(answer: Answer, product: str) -> Answer:
    """Add the other product of each pair that has `product`."""
    rows = answer.rows.to_pylist()
    sides = ["b" if row["product_a"] == product else "a" for row in rows]
    table = answer.rows
    for name, source in (("other", "product_"), ("other_name", "product_name_")):
        values = [row[f"{source}{side}"] for row, side in zip(rows, sides, strict=True)]
        table = table.append_column(name, pa.array(values, pa.string()))
    return replace(answer, rows=table)


def _returns(context: PageContext) -> Table:
    state = context.state

    def lines(row: Row) -> str:
        return state.rows_link(
            "sales_lines",
            feed=state.scope.feed,
            currency=ALL,
            kind="return",
            product=row["product_id"],
        )

    answer = product_returns(context.generation, ProductQuery(None, state.scope.feed, SHORT))
    answer = answer.where(lambda row: row["units_returned"])
    columns = [
        _name(context),
        Shown("units_sold", "Sold", "count"),
        Shown("units_returned", "Returned", "count", lines),
        Shown("return_rate", "Rate", "percent"),
    ]
    note = "Over the whole data; ordered by the rate that is at least likely."
    csv = csv_link("product_returns", feed=state.scope.feed, limit=100_000)
    empty = empty_sales(context, "Nothing was returned.")
    return context.table("Returned most", answer, columns, csv=csv, note=note, empty=empty)


def _stock_outs(context: PageContext, product: str | None = None) -> Table:
    feed = context.state.scope.feed
    columns = [
        *([_name(context)] if product is None else []),
        Shown("started_on", "From", "day"),
        Shown("days", "Days", "count"),
        Shown("views", "Views", "count"),
        Shown("usual_units", "Usual units", "number"),
    ]
    answer = stock_outs(context.generation, ProductQuery(product, feed, SHORT))
    csv = csv_link("stock_outs", feed=feed, product=product, limit=100_000)
    return context.table("Out of stock", answer, columns, csv=csv, empty="Never, in this data.")


def product_page(context: PageContext, product: str) -> Page:
    """Build the page of one product. Raises AnswerNotFoundError for an unknown one."""
    state, feed = context.state, context.state.scope.feed
    query = ProductsQuery(**state.days, product=product, compare=state.compared)
    answer = products(context.generation, query)
    days = product_days(context.generation, ProductQuery(product, feed, MAX_ROWS))
    if not days.rows.num_rows:
        raise AnswerNotFoundError(f"Unknown product '{product[:60]}' in feed '{feed}'. See the page Products.")
    names = context.generation.query(NAME, [feed, product])["product_name"].to_pylist()
    title = context.product_title(names[0] if names else None, product)
    columns = [
        Shown("category", "Category", "code"),
        Shown("views", "Views", "count", _views(context)),
        Shown("carts", "Carts", "count"),
        Shown("orders", "Orders", "count"),
        Shown("returns", "Returns", "money"),
        Shown("net", "Net sales", "money"),
        Shown("net_change", "Change", good="up"),
    ]
    csv = csv_link("products", **state.days, product=product)
    in_range = context.table("In this range", answer, columns, csv=csv, is_converted=True)
    lists = recommended_products(context, product)
    first, second = lists[:1], lists[1:]
    blocks: list[Any] = [
        Stack([in_range, _prices(context, product), _stock_outs(context, product), _pairs(context, product), *second]),
        Stack([*first, _by_day(context, days, product)]),
    ]
    return Page("products", title, blocks)


def _prices(context: PageContext, product: str) -> Table:
    feed = context.state.scope.feed
    columns = [
        Shown("change_date", "Day", "day"),
        Shown("old_price", "Old price", "money"),
        Shown("new_price", "New price", "money"),
        Shown("units_before", "Units before", "count"),
        Shown("units_after", "Units after", "count"),
    ]
    answer = price_changes(context.generation, ProductQuery(product, feed, SHORT))
    csv = csv_link("price_changes", feed=feed, product=product)
    return context.table("Price changes", answer, columns, csv=csv, empty="None.", note="Not a causal effect.")


def _by_day(context: PageContext, answer: Answer, product: str) -> Table:
    columns = [
        Shown("event_date", "Day", "day"),
        Shown("views", "Views", "count", bar=True),
        Shown("carts", "Carts", "count"),
        Shown("orders", "Orders", "count"),
        Shown("net", "Net sales", "money", bar=True),
    ]
    csv = csv_link("product_days", feed=context.state.scope.feed, product=product, limit=100_000)
    latest = replace(answer, rows=answer.rows.slice(max(0, answer.rows.num_rows - DAYS)))
    return context.table(f"Last {DAYS} days with activity", latest, columns, csv=csv)

"""Products: best sellers and movers, one product by day, what is bought together, returns and stock-outs."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import ComparedWith, Feed, Limit, Since, Until, clamp
from shoplake.serve.answers.query.ranges import find_range, find_scope, split_range
from shoplake.serve.store.generation import Generation

NAMES = """(SELECT feed, product_id, product_name, category FROM silver.products WHERE is_current)"""
Ordering = Literal["net", "views", "orders", "conversion", "returns", "rising", "falling"]
ORDERINGS = {
    "net": "coalesce(net, 0) DESC, orders DESC",
    "views": "views DESC",
    "orders": "orders DESC",
    "conversion": "conversion DESC NULLS LAST",
    "returns": "returns DESC NULLS LAST",
    "rising": "net_whole - net_before DESC NULLS LAST, net DESC NULLS LAST",
    "falling": "net_whole - net_before ASC NULLS LAST, net ASC NULLS LAST",
}


@dataclass(frozen=True)
class ProductsQuery:
    """Products over a range of days."""

    since: Since = None
    until: Until = None
    order_by: Annotated[
        Literal["net", "views", "orders", "conversion", "returns", "rising", "falling"],
        "Order; rising and falling go by the difference in net sales from the days compared with.",
    ] = "net"
    category: Annotated[str | None, "One category, as the product has it now."] = None
    product: Annotated[str | None, "One product."] = None
    compare: ComparedWith = "previous"
    feed: Feed = None
    limit: Limit = 100


def products(generation: Generation, query: ProductsQuery) -> Answer:
    """Add up views, carts, orders and sales by product. Money is in the feed's currency.

    `conversion` is orders a view. The days before are compared with the whole days of the range: what a product lacked
    on them is zero, and null where the data lacks the days. By net sales, products of unknown price stand between those
    that sold and those that did not.
    """
    scope = find_scope(generation, query.feed)
    start, end = find_range(scope, query.since, query.until)
    [bucket] = split_range(scope, start, end, "total", query.compare)
    days = [start, end, start, bucket.whole_end, bucket.before_start, bucket.before_end]
    before = BEFORE if bucket.before_start is not None else NO_DAYS_BEFORE
    sql = PRODUCTS.format(names=NAMES, order=ORDERINGS[query.order_by], **SUMS, **before)
    parameters: list[Any] = [*days, scope.feed, query.category, query.category, query.product, query.product]
    return build_answer(generation, "gold.product_performance_daily", sql, parameters, limit=clamp(query.limit))


def _sum(column: str, days: str = "is_now") -> str:
    """Zero where a product has no row on the days, null where it has some of unknown price."""
    return f"CASE WHEN count(*) FILTER ({days}) = 0 THEN 0 ELSE sum({column}) FILTER ({days}) END::DECIMAL(18,2)"


SUMS = {each: _sum(each) for each in ("gross", "returns", "net")} | {"net_whole": _sum("net", "is_whole")}
BEFORE = {f"{each}_before": f"coalesce(sum({each}) FILTER (is_before), 0)::BIGINT" for each in ("orders", "views")} | {
    "net_before": _sum("net", "is_before")
}
NO_DAYS_BEFORE = {
    "orders_before": "NULL::BIGINT",
    "views_before": "NULL::BIGINT",
    "net_before": "NULL::DECIMAL(18,2)",
}
PRODUCTS = """
    SELECT * EXCLUDE (net_whole),
        net_whole::DOUBLE / CASE WHEN net_before > 0 THEN net_before END::DOUBLE - 1 AS net_change
    FROM (
        SELECT product_id, product_name, category,
            coalesce(sum(views) FILTER (is_now), 0)::BIGINT AS views,
            coalesce(sum(carts) FILTER (is_now), 0)::BIGINT AS carts,
            coalesce(sum(orders) FILTER (is_now), 0)::BIGINT AS orders,
            coalesce(sum(units) FILTER (is_now), 0)::BIGINT AS units,
            {gross} AS gross,
            {returns} AS returns,
            {net} AS net,
            sum(orders) FILTER (is_now)::BIGINT / nullif(sum(views) FILTER (is_now)::BIGINT, 0) AS conversion,
            {orders_before} AS orders_before,
            {views_before} AS views_before,
            {net_before} AS net_before,
            {net_whole} AS net_whole,
            max(p.currency) AS currency
        FROM (SELECT *, event_date BETWEEN ? AND ? AS is_now, event_date BETWEEN ? AND ? AS is_whole,
                event_date BETWEEN ? AND ? AS is_before
            FROM gold.product_performance_daily WHERE feed = ?) p
        LEFT JOIN {names} USING (feed, product_id)
        WHERE (?::VARCHAR IS NULL OR category = ?) AND (?::VARCHAR IS NULL OR product_id = ?)
        GROUP BY product_id, product_name, category
        HAVING count(*) FILTER (is_now) > 0 OR count(*) FILTER (is_before) > 0)
    ORDER BY {order}, product_id
"""


@dataclass(frozen=True)
class ProductQuery:
    """One product, or all of them."""

    product: Annotated[str | None, "The product's id. By default all."] = None
    feed: Feed = None
    limit: Limit = 100


DAYS = """
    SELECT event_date, views, viewers, carts, orders, units, gross, returns, net, conversion, sales_rank, currency
    FROM gold.product_performance_daily WHERE feed = ? AND product_id = ?
    ORDER BY event_date
"""
TOGETHER = """
    SELECT product_a, a.product_name AS product_name_a, product_b, b.product_name AS product_name_b, together, support,
        confidence_ab, confidence_ba, lift, lift_low, llr, rank
    FROM gold.product_affinity f LEFT JOIN {names} a ON a.feed = f.feed AND a.product_id = product_a
    LEFT JOIN {names} b ON b.feed = f.feed AND b.product_id = product_b
    WHERE f.feed = ? AND unit = 'basket' AND lift > 1 AND (?::VARCHAR IS NULL OR ? IN (product_a, product_b))
    ORDER BY rank, product_a, product_b
"""
RETURNS = """
    SELECT product_id, product_name, category, orders, units_sold, units_returned, return_rate, rate_low, rate_high,
        last_return_date
    FROM gold.product_returns LEFT JOIN {names} USING (feed, product_id)
    WHERE feed = ? AND (?::VARCHAR IS NULL OR product_id = ?)
    ORDER BY rate_low DESC NULLS LAST, units_returned DESC, product_id
"""
STOCK_OUTS = """
    SELECT product_id, product_name, started_on, count(*) AS days, max(stockout_date) AS last_day,
        sum(views)::BIGINT AS views, sum(usual_units) AS usual_units
    FROM gold.stockout_days LEFT JOIN {names} USING (feed, product_id)
    WHERE feed = ? AND (?::VARCHAR IS NULL OR product_id = ?)
    GROUP BY ALL ORDER BY started_on DESC, usual_units DESC NULLS LAST, product_id
"""
PRICES = """
    SELECT product_id, product_name, changed_at, change_date, old_price, new_price, change_ratio, units_before,
        units_after, is_complete, has_other_change,
        (SELECT max(currency) FROM gold.product_performance_daily p WHERE p.feed = c.feed) AS currency
    FROM gold.price_changes c LEFT JOIN {names} USING (feed, product_id)
    WHERE feed = ? AND (?::VARCHAR IS NULL OR product_id = ?) ORDER BY changed_at DESC, product_id
"""


def product_days(generation: Generation, query: ProductQuery) -> Answer:
    """Show one product by day."""
    parameters = [find_scope(generation, query.feed).feed, query.product]
    return build_answer(generation, "gold.product_performance_daily", DAYS, parameters, limit=clamp(query.limit))


def bought_together(generation: Generation, query: ProductQuery) -> Answer:
    """List pairs of products that are in one basket more often than by chance, strongest first."""
    return _of_product(generation, query, "gold.product_affinity", TOGETHER)


def product_returns(generation: Generation, query: ProductQuery) -> Answer:
    """List products by the share of their units that comes back, highest lower bound first."""
    return _of_product(generation, query, "gold.product_returns", RETURNS)


def stock_outs(generation: Generation, query: ProductQuery) -> Answer:
    """List the times that a product was out of stock, latest first, with the units usually sold on such days."""
    return _of_product(generation, query, "gold.stockout_days", STOCK_OUTS)


def price_changes(generation: Generation, query: ProductQuery) -> Answer:
    """List changes of prices, latest first, with the units sold before and after; not a causal effect."""
    return _of_product(generation, query, "gold.price_changes", PRICES)


def _of_product(generation: Generation, query: ProductQuery, table: str, sql: str) -> Answer:
    parameters = [find_scope(generation, query.feed).feed, query.product, query.product]
    return build_answer(generation, table, sql.format(names=NAMES), parameters, limit=clamp(query.limit))

"""Ties of the sales tables: sums over a day are those of `gold.sales_daily`, which are those of the order values."""

from __future__ import annotations

from shoplake.declare import Tie
from shoplake.transforms.customers.value_measures import ADDITIVE, DAY

SUMS = tuple(name for name in ADDITIVE if name != "net_sales")
"""The measures that are added up; net sales are their difference."""
_IS_SALE = "kind = 'sale' AND NOT is_cancelled"
_BY_DAY = ", ".join(DAY)
_ROUNDED = ", ".join(f"cast(sum({name}) AS decimal(18,2)) AS {name}" for name in SUMS)
_SOLD = f"""
SELECT feed, order_date AS sales_date, currency, CASE WHEN {_IS_SALE} THEN quantity END AS units_sold,
  CASE WHEN {_IS_SALE} THEN gross END AS gross_sales, CASE WHEN NOT is_cancelled THEN discount END AS discounts,
  cast(NULL AS decimal(18,4)) AS returns, CASE WHEN {_IS_SALE} THEN cost END AS cost,
  CASE WHEN NOT is_cancelled THEN margin END AS margin,
  CASE WHEN kind = 'sale' AND is_cancelled THEN gross END AS cancelled_sales
FROM gold.order_values
"""
_RETURNED = """
SELECT feed, r.return_date, currency, 0, cast(0 AS decimal(18,4)), cast(0 AS decimal(18,4)), r.amount,
  cast(-r.quantity * unit_cost AS decimal(18,4)), cast(r.quantity * unit_cost - r.amount AS decimal(18,4)),
  cast(0 AS decimal(18,4))
FROM (SELECT feed, currency, unit_cost, explode(returns) AS r FROM gold.order_values) AS returned
"""
_DAYS = f"SELECT {_BY_DAY}, {', '.join(SUMS)} FROM gold.sales_daily"


def day_ties() -> tuple[Tie, ...]:
    """Return the ties of `gold.sales_daily`: its sums are those of `gold.order_values`, rounded once."""
    values = f"SELECT {_BY_DAY}, {_ROUNDED} FROM ({_SOLD} UNION ALL {_RETURNED}) AS dated GROUP BY {_BY_DAY}"
    sums = Tie("sales of the day are not the sum of the order values", _DAYS, values, keys=DAY, measures=SUMS)
    return sums, net_tie("gold.sales_daily", DAY)


def breakdown_ties(table: str, by: tuple[str, ...], name: str) -> tuple[Tie, ...]:
    """Return the ties of a table of sales by day and `by`: its sums over a day are those of the day, rounded once."""
    sums = f"SELECT {_BY_DAY}, {_ROUNDED} FROM {table} GROUP BY {_BY_DAY}"
    tie = Tie(f"the sum over {name} is not that of the day", sums, _DAYS, keys=DAY, measures=SUMS)
    return tie, net_tie(table, (*DAY, *by))


def net_tie(table: str, key: tuple[str, ...]) -> Tie:
    """Return the tie of net sales to what they are the difference of."""
    names = ", ".join(key)
    return Tie(
        "net_sales is not gross_sales - discounts - returns",
        f"SELECT {names}, net_sales FROM {table}",
        f"SELECT {names}, gross_sales - discounts - returns AS net_sales FROM {table}",
        keys=key,
        measures=("net_sales",),
    )


def currency_tie() -> Tie:
    """Return the tie of `silver.order_lines`: what comes back of an order is in a currency that it was sold in.

    A refund that names no currency is in the feed's. It is the wrong one if the order was sold in another.
    """
    sold, other = (f"CASE WHEN kind {sign} 'sale' THEN upper(currency) END" for sign in ("=", "<>"))
    orders = "FROM silver.order_lines GROUP BY feed, order_id"
    foreign = f"HAVING min({other}) < min({sold}) OR max({other}) > max({sold})"
    return Tie(
        "a return or adjustment is in a currency that its order was not sold in",
        f"SELECT feed, order_id, 1 AS orders {orders} {foreign}",
        f"SELECT feed, order_id, 0 AS orders {orders} {foreign}",
        keys=("feed", "order_id"),
        measures=("orders",),
    )


def value_ties() -> tuple[Tie, ...]:
    """Return the tie of `gold.order_values`: no amount of `silver.order_lines` is lost or counted twice."""
    lines = """
SELECT l.feed, order_date AS day, CASE WHEN line_class = 'goods' AND kind = 'sale' THEN amount END AS gross,
  CASE WHEN line_class = 'discount' THEN -amount END AS discounts,
  CASE WHEN line_class = 'goods' AND kind = 'return' AND coalesce(status, '') <> 'cancelled' AND c.order_id IS NULL
    THEN -amount END AS returns
FROM silver.order_lines AS l
LEFT JOIN silver.cancelled_order_refunds AS c ON l.feed = c.feed AND l.order_id = c.order_id
"""
    values = """
SELECT feed, order_date AS day, gross, discount AS discounts, cast(0 AS decimal(18,4)) AS returns FROM gold.order_values
UNION ALL
SELECT feed, r.return_date, cast(0 AS decimal(18,4)), cast(0 AS decimal(18,4)), r.amount
FROM (SELECT feed, explode(returns) AS r FROM gold.order_values) AS returned
"""
    measures = ("gross", "discounts", "returns")
    return (Tie("amounts are not those of silver.order_lines", values, lines, keys=("feed", "day"), measures=measures),)

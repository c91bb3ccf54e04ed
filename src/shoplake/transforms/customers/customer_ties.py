"""Ties of the tables by customer: customers and guests together have the amounts of the order lines."""

from __future__ import annotations

from shoplake.declare import Tie

AMOUNTS = ("gross", "discounts", "returns")
COUNTS = ("orders", "units", "sessions", "product_views", "add_to_carts")
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in (*AMOUNTS, *COUNTS))
_CENTS = ", ".join(f"cast(sum({name}) AS decimal(18,2)) AS {name}" for name in AMOUNTS)
MONTH = "(year({0}) * 12 + month({0}))"
WEEK = "floor((datediff({0}, DATE '1970-01-01') + 3) / 7)"
"""Numbers of the period of a day, as SQL."""
_NET = "coalesce(sum(gross), 0) - coalesce(sum(discounts), 0) - coalesce(sum(returns), 0)"
_CONVERTED = """
SELECT l.feed, l.order_date AS activity_date, l.line_class, l.kind, CASE
    WHEN l.currency IS NULL OR upper(l.currency) = o.own THEN l.amount
    ELSE try_cast(l.amount * r.rate AS decimal(14,4)) END AS amount
FROM silver.order_lines l
LEFT ANTI JOIN silver.cancelled_order_refunds v ON l.feed = v.feed AND l.order_id = v.order_id
JOIN (SELECT feed, max(currency) AS own FROM gold.customer_days GROUP BY feed) o ON l.feed = o.feed
LEFT JOIN silver.exchange_rate_periods r ON l.feed = r.feed AND upper(l.currency) = r.currency
  AND l.order_date >= r.first_date AND (r.last_date IS NULL OR l.order_date <= r.last_date)
WHERE coalesce(l.status, '') <> 'cancelled'
"""


def day_ties() -> tuple[Tie, ...]:
    """Return the tie of `gold.customer_days`: its amounts are those of `silver.order_lines`, in the feed's currency."""
    lines = f"""
SELECT feed, activity_date, CASE WHEN line_class = 'goods' AND kind = 'sale' THEN amount END AS gross,
  CASE WHEN line_class = 'discount' THEN -amount END AS discounts,
  CASE WHEN line_class = 'goods' AND kind = 'return' THEN -amount END AS returns
FROM ({_CONVERTED}) AS converted
"""
    days = f"SELECT feed, activity_date, {', '.join(AMOUNTS)} FROM gold.customer_days"
    name = "customers and guests of a day do not have the amounts of silver.order_lines"
    return (Tie(name, days, lines, keys=("feed", "activity_date"), measures=AMOUNTS),)


def month_ties() -> tuple[Tie, ...]:
    """Return the tie of `gold.customer_months`: its measures are the sums of the days."""
    by = "feed, customer_id, activity_month"
    return (
        Tie(
            "months of a customer are not the sum of the days",
            f"SELECT {by}, {', '.join((*AMOUNTS, *COUNTS))}, net FROM gold.customer_months",
            f"SELECT {by}, {_SUMS}, {_NET} AS net FROM gold.customer_days GROUP BY {by}",
            keys=("feed", "customer_id", "activity_month"),
            measures=(*AMOUNTS, *COUNTS, "net"),
        ),
    )


def customer_ties() -> tuple[Tie, ...]:
    """Return the tie of `gold.customer_360`: its amounts are those of the months, rounded once."""
    months = "FROM gold.customer_months WHERE customer_id IS NOT NULL GROUP BY feed, customer_id"
    return (
        Tie(
            "amounts of a customer are not those of the months",
            f"SELECT feed, customer_id, {', '.join(AMOUNTS)}, net, orders FROM gold.customer_360",
            f"SELECT feed, customer_id, {_CENTS}, cast({_NET} AS decimal(18,2)) AS net, sum(orders) AS orders {months}",
            keys=("feed", "customer_id"),
            measures=(*AMOUNTS, "net", "orders"),
        ),
    )


def cohort_ties(table: str, start: str, number: str, activity: tuple[str, str], period: str) -> tuple[Tie, ...]:
    """Return the ties of a cohort table: the customers who ever ordered, in all and over channels, and their net.

    `start` and `number` are the columns of a cohort's first day and of a period's number. `activity` is the table that
    the net is summed over, and its day. `period` is SQL that numbers the period of the day `{}`.
    """
    first = f"SELECT feed, acquisition_channel, customers FROM {table} WHERE {number} = 0"
    ordered = "FROM gold.customer_facts WHERE first_order_date IS NOT NULL"
    everyone = f"SELECT feed, 'all' AS acquisition_channel, 1 AS customers {ordered}"
    return (
        Tie(
            "cohorts do not have the customers who ever ordered",
            first,
            f"{everyone} UNION ALL SELECT feed, acquisition_channel, 1 {ordered}",
            keys=("feed", "acquisition_channel"),
            measures=("customers",),
        ),
        _cohort_net_tie(table, (start, number), activity, period),
    )


def _cohort_net_tie(table: str, place: tuple[str, str], activity: tuple[str, str], period: str) -> Tie:
    """Return the tie of the net and the orders of each period of a cohort, rounded once, to those of the customers."""
    start, number = place
    source, day = activity
    cohort = period.format("f.first_on")
    active, last = period.format(f"a.{day}"), period.format("e.last_on")
    customers = f"""
SELECT a.feed, {cohort} AS cohort, greatest({active} - {cohort}, 0) AS number, cast(sum(a.net) AS decimal(18,2)) AS net,
  sum(a.orders) AS orders
FROM {source} a
JOIN (SELECT feed, customer_id, first_order_date AS first_on FROM gold.customer_facts
  WHERE first_order_date IS NOT NULL) f
  ON a.feed = f.feed AND a.customer_id = f.customer_id
JOIN (SELECT feed, max(last_order_date) AS last_on FROM gold.customer_months GROUP BY feed) e ON a.feed = e.feed
WHERE {active} <= {last}
GROUP BY a.feed, {cohort}, greatest({active} - {cohort}, 0)
"""
    return Tie(
        "net and orders of a cohort are not those of its customers",
        f"SELECT feed, {period.format(start)} AS cohort, {number} AS number, net, orders FROM {table} "
        "WHERE acquisition_channel = 'all'",
        customers,
        keys=("feed", "cohort", "number"),
        measures=("net", "orders"),
    )

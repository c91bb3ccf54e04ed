"""From the revenue of events to the money received, and days that are out of the ordinary."""

from dataclasses import dataclass
from typing import Annotated

from shoplake.errors import hint
from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import Currency, Feed, Limit, Since, Until, clamp
from shoplake.serve.answers.query.ranges import find_range, find_scope
from shoplake.serve.errors import AnswerNotFoundError
from shoplake.serve.store.generation import Generation
from shoplake.transforms.sales.reconcile import CHARGE_CAUSES, GOODS_CAUSES, PAYMENT_CAUSES

TO_ORDERS = (*GOODS_CAUSES, *CHARGE_CAUSES)
"""Causes between the revenue of events and that of orders."""
TO_PAYMENTS = PAYMENT_CAUSES
"""Causes between the payable amount and the money received."""

CAUSES = (*TO_ORDERS, *TO_PAYMENTS)


@dataclass(frozen=True)
class ReconciliationQuery:
    """From the revenue of purchase events to the money received."""

    since: Since = None
    until: Until = None
    feed: Feed = None
    currency: Currency = None


def reconciliation(generation: Generation, query: ReconciliationQuery) -> Answer:
    """Show each step from event revenue to received money: totals, and the differences by cause in between.

    The amounts of the causes between two totals add up to the difference of these; `unexplained` is the rest, 0.00.
    """
    scope = find_scope(generation, query.feed, query.currency)
    parameters = [scope.feed, scope.currency, *find_range(scope, query.since, query.until)]
    return build_answer(generation, "gold.reconciliation_orders", _steps_sql(), parameters)


def _steps_sql() -> str:
    totals = {"event_revenue": 0, "order_revenue": 20, "payable": 30, "received": 50, "unexplained": 60}
    steps = [(name, "total", place) for name, place in totals.items()]
    steps += [(cause, "cause", 1 + place) for place, cause in enumerate(TO_ORDERS)]
    steps += [(cause, "cause", 31 + place) for place, cause in enumerate(TO_PAYMENTS)]
    each = [
        f"SELECT '{name}' AS step, '{kind}' AS kind, count(*) FILTER ({name} <> 0) AS orders, "
        f"coalesce(sum({name}), 0)::DECIMAL(18,4) AS amount, {place} AS place FROM chosen"
        for name, kind, place in steps
    ]
    rounding = (
        "SELECT 'rounding' AS step, 'cause' AS kind, count(*) FILTER (payable <> order_revenue) AS orders, "
        "coalesce(sum(payable - order_revenue), 0)::DECIMAL(18,4) AS amount, 25 AS place FROM chosen"
    )
    return f"""
        WITH chosen AS (SELECT * FROM gold.reconciliation_orders
            WHERE feed = ? AND currency IS NOT DISTINCT FROM ? AND order_date BETWEEN ? AND ?)
        SELECT * EXCLUDE (place) FROM ({" UNION ALL ".join([*each, rounding])}) ORDER BY place
    """


@dataclass(frozen=True)
class ReconciliationOrdersQuery:
    """The orders behind a difference."""

    cause: Annotated[str | None, "One cause. By default all orders that differ."] = None
    since: Since = None
    until: Until = None
    feed: Feed = None
    currency: Currency = None
    limit: Limit = 1000


def reconciliation_orders(generation: Generation, query: ReconciliationOrdersQuery) -> Answer:
    """List the orders that a cause makes differ, with its amount; without a cause, all that differ.

    Raises AnswerNotFoundError for an unknown cause.
    """
    scope = find_scope(generation, query.feed, query.currency)
    days = find_range(scope, query.since, query.until)
    if query.cause is not None and query.cause not in CAUSES:
        raise AnswerNotFoundError(f"Unknown cause '{query.cause}'. {hint(query.cause, CAUSES)}")
    chosen = (query.cause,) if query.cause else CAUSES
    amount = " + ".join(f"coalesce({cause}, 0)" for cause in chosen)
    where = " OR ".join(f"{cause} <> 0" for cause in chosen)
    sql = f"""
        SELECT order_id, order_date, ({amount})::DECIMAL(18,4) AS amount, cause, event_revenue, order_revenue, payable,
            paid, received, unexplained, currency
        FROM gold.reconciliation_orders
        WHERE feed = ? AND currency IS NOT DISTINCT FROM ? AND order_date BETWEEN ? AND ? AND ({where})
        ORDER BY order_date, order_id
    """
    limit = clamp(query.limit)
    parameters = [scope.feed, scope.currency, *days]
    return build_answer(generation, "gold.reconciliation_orders", sql, parameters, limit=limit)


@dataclass(frozen=True)
class AnomaliesQuery:
    """Days that are out of the ordinary."""

    since: Since = None
    until: Until = None
    feed: Feed = None
    limit: Limit = 1000


def anomalies(generation: Generation, query: AnomaliesQuery) -> Answer:
    """List days with more or less than expected, latest first, with the expected range and what explains them."""
    scope = find_scope(generation, query.feed)
    sql = """
        SELECT anomaly_date, measure, currency, segment, kind, actual, expected, low, high, score, explained_by
        FROM gold.sales_anomalies WHERE feed = ? AND anomaly_date BETWEEN ? AND ?
        ORDER BY anomaly_date DESC, abs(score) DESC, measure, segment, currency
    """
    parameters = [scope.feed, *find_range(scope, query.since, query.until)]
    return build_answer(generation, "gold.sales_anomalies", sql, parameters, limit=clamp(query.limit))

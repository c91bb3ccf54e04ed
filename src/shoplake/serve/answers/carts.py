"""Carts: how many are bought, left, recovered, and which."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import ComparedWith, Feed, Limit, Since, Until, clamp
from shoplake.serve.answers.query.ranges import find_range, find_scope, split_range
from shoplake.serve.store.generation import Generation


@dataclass(frozen=True)
class CartsQuery:
    """Carts of a feed by state."""

    since: Since = None
    until: Until = None
    compare: ComparedWith = "none"
    feed: Feed = None


def carts(generation: Generation, query: CartsQuery) -> Answer:
    """Count carts and add up their value by state; an open cart can still be recovered.

    `share` is of all carts. Money is in the feed's currency; it leaves out carts of unknown value, and is null where no
    value is known. What is of the days before is null where the data lacks them.
    """
    scope = find_scope(generation, query.feed)
    start, end = find_range(scope, query.since, query.until)
    [bucket] = split_range(scope, start, end, "total", query.compare)
    before = "" if query.compare != "none" else "EXCLUDE (carts_before, value_before, share_before)"
    has_days_before = bucket.before_start is not None
    carts_before = "count(*) FILTER (is_before)" if has_days_before else "NULL::BIGINT"
    sql = f"""
        SELECT * {before} FROM (
            SELECT state, currency, count(*) FILTER (is_now) AS carts,
                count(*) FILTER (is_now) / nullif(sum(count(*) FILTER (is_now)) OVER (), 0) AS share,
                {_known_value("is_now", "0")} AS value,
                coalesce(sum(items) FILTER (is_now), 0)::BIGINT AS items,
                {carts_before} AS carts_before,
                count(*) FILTER (is_before) / nullif(sum(count(*) FILTER (is_before)) OVER (), 0) AS share_before,
                {_known_value("is_before", "0" if has_days_before else "NULL")} AS value_before
            FROM (SELECT *, cart_date BETWEEN ? AND ? AS is_now, cart_date BETWEEN ? AND ? AS is_before
                FROM gold.carts WHERE feed = ?)
            WHERE is_now OR is_before GROUP BY ALL)
        ORDER BY carts DESC, state
    """
    parameters = [start, end, bucket.before_start, bucket.before_end, scope.feed]
    return build_answer(generation, "gold.carts", sql, parameters)


def _known_value(days: str, nothing: str) -> str:
    """Return the SQL of the value of carts: `nothing` without carts, null where only that of empty ones is known."""
    unknown, worth = (f"count(*) FILTER ({days} AND {each})" for each in ("value IS NULL", "value <> 0"))
    value = f"coalesce(sum(value) FILTER ({days}), {nothing})"
    return f"CASE WHEN {unknown} = 0 OR {worth} > 0 THEN {value} END::DECIMAL(18,2)"


@dataclass(frozen=True)
class CartListQuery:
    """The carts behind a number."""

    state: Annotated[Literal["any", "purchased", "recovered", "open", "abandoned"], "State of the carts."] = "any"
    since: Since = None
    until: Until = None
    feed: Feed = None
    limit: Limit = 1000


def cart_list(generation: Generation, query: CartListQuery) -> Answer:
    """List the carts of a state, latest first."""
    scope = find_scope(generation, query.feed)
    days = find_range(scope, query.since, query.until)
    parameters: list[Any] = [scope.feed, *days, query.state, query.state]
    sql = """
        SELECT cart_id, visitor_id, cart_date, started_at, left_at, state, items, products, value, currency, order_id,
            purchased_at, recovered_at
        FROM gold.carts WHERE feed = ? AND cart_date BETWEEN ? AND ? AND (? = 'any' OR state = ?)
        ORDER BY started_at DESC, cart_id
    """
    return build_answer(generation, "gold.carts", sql, parameters, limit=clamp(query.limit))

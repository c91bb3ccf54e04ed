"""Customers as groups: segments, their members and moves, cohorts; and one customer."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from shoplake.serve.answers.query.answer import Answer
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.parameters import Feed, Limit, clamp
from shoplake.serve.answers.query.ranges import find_scope
from shoplake.serve.errors import AnswerNotFoundError
from shoplake.serve.store.generation import Generation

Grouping = Literal["segment", "value_tier"]
UNKNOWN = "(unknown)"
"""Stands for the value of customers whose money is unknown, in the parameter `only`."""


@dataclass(frozen=True)
class SegmentsQuery:
    """Customers by segment or value tier."""

    by: Annotated[Grouping, "RFM segment, or tier by lifetime net sales."] = "segment"
    feed: Feed = None


def segments(generation: Generation, query: SegmentsQuery) -> Answer:
    """Count customers and add up their lifetime orders and net sales by segment, highest net sales first."""
    scope = find_scope(generation, query.feed)
    sql = f"""
        SELECT {query.by}, count(*) AS customers, sum(lifetime_orders)::BIGINT AS orders,
            sum(lifetime_net)::DECIMAL(18,2) AS net,
            (sum(lifetime_net) / count(*))::DECIMAL(18,2) AS net_per_customer,
            count(*) / sum(count(*)) OVER () AS share_of_customers,
            sum(lifetime_net)::DOUBLE / nullif(sum(sum(lifetime_net)) OVER (), 0)::DOUBLE AS share_of_net,
            max(as_of_date) AS as_of_date, max(currency) AS currency
        FROM gold.customer_segments WHERE feed = ? GROUP BY {query.by} ORDER BY net DESC NULLS LAST, {query.by}
    """
    return build_answer(generation, "gold.customer_segments", sql, [scope.feed])


@dataclass(frozen=True)
class CustomerListQuery:
    """Customers, of one segment or tier or all."""

    by: Annotated[Grouping, "Dimension to filter."] = "segment"
    only: Annotated[str | None, "Its value; `(unknown)` for none. By default all customers with an order."] = None
    feed: Feed = None
    limit: Limit = 100


def customer_list(generation: Generation, query: CustomerListQuery) -> Answer:
    """List customers with their lifetime, score and expected value, highest net sales first."""
    scope = find_scope(generation, query.feed)
    sql = f"""
        SELECT s.customer_id, s.segment, s.value_tier, s.rfm, s.first_order_date, s.last_order_date,
            s.lifetime_orders AS orders, s.lifetime_net AS net, c.average_order_value, c.days_since_last_order,
            c.acquisition_channel, c.p_alive, c.value_365d, s.currency
        FROM gold.customer_segments s LEFT JOIN gold.customer_360 c USING (feed, customer_id)
        WHERE feed = ? AND (?::VARCHAR IS NULL OR coalesce(s.{query.by}, '{UNKNOWN}') = ?)
        ORDER BY net DESC NULLS LAST, customer_id
    """
    parameters = [scope.feed, query.only, query.only]
    return build_answer(generation, "gold.customer_360", sql, parameters, limit=clamp(query.limit))


@dataclass(frozen=True)
class SegmentMovesQuery:
    """Customers who change their segment from month to month."""

    feed: Feed = None


def segment_moves(generation: Generation, query: SegmentMovesQuery) -> Answer:
    """Count customers by month and by the segment at its start and its end."""
    sql = """
        SELECT move_month, from_segment, to_segment, customers, net,
            (SELECT max(currency) FROM gold.customer_segments s WHERE s.feed = m.feed) AS currency
        FROM gold.segment_moves_monthly m WHERE feed = ?
        ORDER BY move_month, customers DESC, from_segment, to_segment
    """
    return build_answer(generation, "gold.segment_moves_monthly", sql, [find_scope(generation, query.feed).feed])


@dataclass(frozen=True)
class CohortsQuery:
    """Customers by the time of their first order."""

    grain: Annotated[Literal["month", "week"], "Months, or ISO weeks."] = "month"
    channel: Annotated[str, "Acquisition channel."] = "all"
    feed: Feed = None


def cohorts(generation: Generation, query: CohortsQuery) -> Answer:
    """Show, per cohort and number of periods since, how many ordered again and what they have spent so far.

    `is_complete` is false where the period is not over.
    """
    scope = find_scope(generation, query.feed)
    is_month = query.grain == "month"
    table = "gold.cohorts_monthly" if is_month else "gold.cohorts_weekly"
    start, number = ("cohort_month", "month_number") if is_month else ("cohort_week_date", "week_number")
    sql = f"""
        SELECT {start} AS cohort, {number} AS number, customers, active, returned_ever_after, retention, orders, net,
            margin, net_to_date_per_customer, currency, is_complete
        FROM {table} WHERE feed = ? AND acquisition_channel = ? ORDER BY cohort, number, currency
    """
    return build_answer(generation, table, sql, [scope.feed, query.channel])


@dataclass(frozen=True)
class CustomerQuery:
    """One customer."""

    customer: Annotated[str, "The customer's id."] = ""
    feed: Feed = None
    limit: Limit = 200


def customer(generation: Generation, query: CustomerQuery) -> Answer:
    """Show all that is known of a customer. Raises AnswerNotFoundError for an unknown one."""
    scope = find_scope(generation, query.feed)
    sql = "SELECT * EXCLUDE (feed) FROM gold.customer_360 WHERE feed = ? AND customer_id = ?"
    answer = build_answer(generation, "gold.customer_360", sql, [scope.feed, query.customer])
    if not answer.rows.num_rows:
        raise AnswerNotFoundError(f"Unknown customer '{query.customer}' in feed '{scope.feed}'.")
    return answer


ORDERS = """
    SELECT order_id, min(order_date) AS order_date, currency, count(*) AS lines, sum(quantity)::BIGINT AS units,
        sum(gross)::DECIMAL(18,2) AS gross, sum(discount)::DECIMAL(18,2) AS discount,
        sum(returned_net)::DECIMAL(18,2) AS returned,
        (sum(gross) - sum(discount) - sum(returned_net))::DECIMAL(18,2) AS net,
        bool_or(is_cancelled) AS is_cancelled, max(status) AS status, max(channel) AS channel, max(device) AS device
    FROM gold.order_values WHERE feed = ? AND customer_id = ? GROUP BY order_id, currency
    ORDER BY order_date DESC, order_id DESC
"""
CARTS = """
    SELECT cart_id, cart_date, started_at, left_at, state, items, value, currency, order_id, recovered_at
    FROM gold.carts c WHERE feed = ? AND visitor_id = ? ORDER BY started_at DESC, cart_id
"""
VISITS = """
    SELECT session_id, session_date, started_at, ended_at, channel, device, landing_page, product_views, add_to_carts,
        purchases, revenue, currency
    FROM silver.sessions WHERE feed = ? AND customer_id = ? ORDER BY started_at DESC, session_id
"""
VERSIONS = """
    SELECT valid_from, valid_to, is_current, signup_date, location, email, phone
    FROM silver.customers WHERE feed = ? AND customer_id = ? ORDER BY valid_from DESC
"""
TIMELINE = """
    WITH who AS (SELECT ?::VARCHAR AS feed, ?::VARCHAR AS customer_id)
    SELECT min(ordered_at) AS happened_at, 'order' AS kind, order_id AS id, max(status) AS state,
        max(channel) AS channel, max(device) AS device, sum(quantity)::BIGINT AS items,
        (sum(gross) - sum(discount))::DECIMAL(18,2) AS value, currency
    FROM gold.order_values JOIN who USING (feed, customer_id) GROUP BY order_id, currency
    UNION ALL BY NAME
    SELECT started_at AS happened_at, 'cart' AS kind, cart_id AS id, state, items, value, currency
    FROM gold.carts c JOIN who ON c.feed = who.feed AND c.visitor_id = who.customer_id
    UNION ALL BY NAME
    SELECT started_at AS happened_at, 'visit' AS kind, session_id AS id, channel, device, product_views AS items
    FROM silver.sessions JOIN who USING (feed, customer_id)
    ORDER BY happened_at DESC, kind, id
"""


def customer_timeline(generation: Generation, query: CustomerQuery) -> Answer:
    """List a customer's orders, carts and visits by time, latest first.

    `items` are the units of an order or cart and the products seen in a visit; `value` is before returns.
    """
    return _of_customer(generation, query, "gold.order_values", TIMELINE)


def customer_orders(generation: Generation, query: CustomerQuery) -> Answer:
    """List a customer's orders, latest first; a return lowers the order that it belongs to."""
    return _of_customer(generation, query, "gold.order_values", ORDERS)


def customer_carts(generation: Generation, query: CustomerQuery) -> Answer:
    """List the carts that a customer filled while logged in, latest first."""
    return _of_customer(generation, query, "gold.carts", CARTS)


def customer_visits(generation: Generation, query: CustomerQuery) -> Answer:
    """List a customer's visits while logged in, latest first."""
    return _of_customer(generation, query, "silver.sessions", VISITS)


def customer_versions(generation: Generation, query: CustomerQuery) -> Answer:
    """List the versions of a customer's record with their time, latest first."""
    return _of_customer(generation, query, "silver.customers", VERSIONS)


def _of_customer(generation: Generation, query: CustomerQuery, table: str, sql: str) -> Answer:
    parameters: list[Any] = [find_scope(generation, query.feed).feed, query.customer]
    return build_answer(generation, table, sql, parameters, limit=clamp(query.limit))

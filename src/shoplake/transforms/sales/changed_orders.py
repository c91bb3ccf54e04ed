"""The orders whose values change when a lookup changes: products, exchange rates, sessions and model weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import KeyFinder

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ORDER = ("feed", "order_id")
CUSTOMER = ("feed", "customer_id")
TOUCH = ("feed", "session_id", "person_id", "touched_at")
LONGEST_SPAN_DAYS = 32
"""Days after a session in which it can be a touch of an order, with one for the difference of the time zones."""


def find_orders_of_products(products: DataFrame, order_lines: DataFrame) -> DataFrame:
    """Return the orders with a line of a product in the time of one of its versions."""
    is_within = (F.col("ordered_at") >= F.col("valid_from")) & _is_before("ordered_at", "valid_to")
    versions = products.withColumnsRenamed({"feed": "_feed", "product_id": "_product_id"})
    is_same = (F.col("feed") == F.col("_feed")) & (F.col("product_id") == F.col("_product_id"))
    return order_lines.join(versions, on=is_same & is_within, how="semi").select(*ORDER)


def find_orders_of_rates(periods: DataFrame, rows: DataFrame) -> DataFrame:
    """Return the orders of rows in a currency on the days of a rate."""
    return _in_period(periods, rows).select(*ORDER)


def find_customers_of_rates(periods: DataFrame, rows: DataFrame) -> DataFrame:
    """Return the customers of rows in a currency on the days of a rate."""
    return _in_period(periods, rows).select(*CUSTOMER)


def find_orders_of_weights(weights: DataFrame, order_values: DataFrame) -> DataFrame:
    """Return the orders of the days that weights of channels are used for."""
    days = weights.select(F.col("feed").alias("_feed"), "first_date", "last_date")
    is_used = (F.col("feed") == F.col("_feed")) & F.col("order_date").between(F.col("first_date"), F.col("last_date"))
    return order_values.join(days, on=is_used, how="semi").select(*ORDER)


def find_orders_of_sessions(
    touches: DataFrame, order_values: DataFrame, purchases: DataFrame, session_touches: DataFrame
) -> DataFrame:
    """Return the orders that sessions can be touches of, and those whose purchase event is in one of them.

    A session is a touch of the orders of its person in the days after it: the customer of an order, or the person of
    the session of its purchase event.
    """
    bought = purchases.where("order_id IS NOT NULL AND session_id IS NOT NULL")
    changed = touches.withColumnsRenamed({name: f"_{name}" for name in TOUCH})
    is_feed, persons = F.col("feed") == F.col("_feed"), session_touches.select("feed", "session_id", "person_id")
    in_session = bought.join(changed, on=is_feed & (F.col("session_id") == F.col("_session_id")), how="semi")
    known = bought.join(persons, on=["feed", "session_id"], how="inner")
    by_session = known.join(changed, on=is_feed & _can_touch("person_id", "event_date"), how="semi")
    by_customer = order_values.join(changed, on=is_feed & _can_touch("customer_id", "order_date"), how="semi")
    return in_session.select(*ORDER).unionAll(by_session.select(*ORDER)).unionAll(by_customer.select(*ORDER))


BY_PRODUCT = KeyFinder(("feed", "product_id", "valid_from", "valid_to"), find_orders_of_products, ("order_lines",))
_RATE = ("feed", "currency", "first_date", "last_date")
BY_RATE = KeyFinder(_RATE, find_orders_of_rates, ("order_lines",))
CUSTOMERS_BY_RATE = KeyFinder(_RATE, find_customers_of_rates, ("order_values",))
BY_WEIGHT = KeyFinder(("feed", "first_date", "last_date"), find_orders_of_weights, ("order_values",))
BY_SESSION = KeyFinder(
    TOUCH,
    find_orders_of_sessions,
    ("order_values", "purchases", "session_touches"),
)


def _can_touch(person: str, day: str) -> Column:
    """Whether a changed session is of the person, and at most `LONGEST_SPAN_DAYS` before the day."""
    age = F.datediff(day, F.col("_touched_at").cast("date"))
    return (F.col(person) == F.col("_person_id")) & age.between(-1, LONGEST_SPAN_DAYS)


def _in_period(periods: DataFrame, rows: DataFrame) -> DataFrame:
    rates = periods.select(
        F.col("feed").alias("_feed"), F.col("currency").alias("_currency"), "first_date", F.col("last_date")
    )
    is_same = (F.col("feed") == F.col("_feed")) & (F.upper("currency") == F.col("_currency"))
    is_open = F.col("last_date").isNull() | (F.col("order_date") <= F.col("last_date"))
    return rows.join(rates, on=is_same & (F.col("order_date") >= F.col("first_date")) & is_open, how="semi")


def _is_before(moment: str, end: str) -> Column:
    """Whether a moment is before an end; null means no end."""
    return F.col(end).isNull() | (F.col(moment) < F.col(end))

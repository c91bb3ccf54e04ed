"""The orders that attribution credits, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ORDER = ("feed", "order_id", "order_date", "currency")
"""What is credited as one order: the lines of an order of one day and currency."""


def order_key() -> Column:
    """Return a text that identifies an order by `ORDER`; a missing currency is a value too."""
    return F.concat_ws("\x1f", *[F.coalesce(F.col(name).cast("string"), F.lit("")) for name in ORDER])


def sum_orders(order_values: DataFrame) -> DataFrame:
    """Return `ORDER`, `ordered_at`, the customer, revenue and net revenue, whether new and whether it has a sale.

    The revenue is gross - discount of the lines that are not cancelled, the net revenue is that less what is returned
    of them on whatever day. Lines of unknown price are left out.
    """
    is_sale = F.col("kind") == "sale"
    lines = order_values.where(F.col("kind").isin("sale", "discount") & ~F.col("is_cancelled"))
    kept = (F.coalesce("net", F.lit(0)) - F.coalesce("returned_net", F.lit(0))).cast(money.UNIT)
    return lines.groupBy(*ORDER).agg(
        F.min("ordered_at").alias("ordered_at"),
        F.max("customer_id").alias("customer_id"),
        F.coalesce(F.sum("net"), F.lit(0)).cast(money.UNIT).alias("revenue"),
        F.sum(kept).cast(money.UNIT).alias("net_revenue"),
        F.max("is_first_order").alias("is_new_customer"),
        (F.count_if(is_sale) > 0).alias("has_sale"),
    )


def order_persons(orders: DataFrame, purchases: DataFrame, session_touches: DataFrame) -> DataFrame:
    """Return each order once per person: its customer, and the person of the session of its purchase event.

    The event is that of the order's day. An order with neither is left out. `_person` is the second of the two.
    """
    events = purchases.where("order_id IS NOT NULL AND session_id IS NOT NULL").select(
        "feed", "order_id", F.col("event_date").alias("order_date"), "session_id"
    )
    persons = session_touches.select("feed", "session_id", "person_id")
    by_session = events.join(persons, on=["feed", "session_id"], how="inner")
    by_order = by_session.groupBy("feed", "order_id", "order_date").agg(F.min("person_id").alias("_person"))
    joined = orders.join(by_order, on=["feed", "order_id", "order_date"], how="left")
    both = F.array_compact(F.array_distinct(F.array("customer_id", "_person")))
    return joined.withColumn("person_id", F.explode(both))

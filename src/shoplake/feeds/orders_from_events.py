"""Order lines of a shop that sends no orders: its purchase events say what was bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import RECORD, TYPE_ERRORS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Feed

NO_RECORD = "raw string, file string, line bigint, batch_id string, ingested_at timestamp, problem string"
LIST_PRICE = "list_price"
"""The column with the price that the product had when it was bought."""


def order_lines(events: DataFrame, feed: Feed) -> DataFrame:
    """One row per purchase event with its `list_price`, which counts where the event says no price.

    The event is the document the line stands on. Lines of an order are numbered in each of its days by time, product
    and event, so that neither the order of arrival nor the other days matter. Who bought is a customer.
    """
    in_order = Window.partitionBy("feed", "order_id", "event_date").orderBy("event_at", "product_id", "event_id")
    quantity, unit_price = F.coalesce("quantity", F.lit(1)), F.coalesce("unit_price", LIST_PRICE)
    nowhere = [F.lit(None).cast(kind).alias(name) for name, kind in map(str.split, NO_RECORD.split(", "))]
    return events.where(F.col("event_name") == "purchase").select(
        "feed",
        "order_id",
        F.col("event_id").alias("document_id"),
        F.row_number().over(in_order).cast("bigint").alias("line_number"),
        F.lit("sale").alias("kind"),
        F.lit("goods").alias("line_class"),
        F.col("event_at").alias("ordered_at"),
        F.col("event_date").alias("order_date"),
        F.coalesce("customer_id", "visitor_id").alias("customer_id"),
        "product_id",
        quantity.alias("quantity"),
        unit_price.alias("unit_price"),
        money.amount(quantity, unit_price).alias("amount"),
        F.coalesce("currency", F.lit(feed.currency).cast("string")).alias("currency"),
        F.when(F.col("unit_price").isNotNull(), "event").otherwise("history").alias("price_source"),
        "payload_hash",
        "batch_id",
        "ingested_at",
        F.struct(*nowhere).alias(RECORD),
        F.array().cast("array<string>").alias(TYPE_ERRORS),
    )

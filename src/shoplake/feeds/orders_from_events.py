"""Order lines from purchase events, for shops that send no orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.declare.kinds.mapped_columns import leaves_null

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Feed

RECORD_FIELDS = "raw string, file string, line bigint, batch_id string, ingested_at timestamp, problem string"
LIST_PRICE = "list_price"
"""The column with the product's price at the time of the purchase."""


@leaves_null("status", "updated_at", "country", "tax", "source_file", "version_line")
def order_lines(events: DataFrame, feed: Feed) -> DataFrame:
    """Map each purchase event to an order line; `list_price` applies where the event has no price.

    The event is the line's document. Lines of an order are numbered within each day by time, product and event, so
    that neither the order of arrival nor other days matter. The buyer is a customer. A line has the attributes of its
    event.
    """
    by_time = Window.partitionBy("feed", "order_id", "event_date").orderBy("event_at", "product_id", "event_id")
    quantity, unit_price = F.coalesce("quantity", F.lit(1)), F.coalesce("unit_price", LIST_PRICE)
    no_record = [F.lit(None).cast(kind).alias(name) for name, kind in map(str.split, RECORD_FIELDS.split(", "))]
    return events.where(F.col("event_name") == "purchase").select(
        "feed",
        "order_id",
        F.col("event_id").alias("document_id"),
        F.row_number().over(by_time).cast("bigint").alias("line_number"),
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
        "attributes",
        "payload_hash",
        "batch_id",
        "ingested_at",
        F.struct(*no_record).alias(RECORD),
        F.array().cast("array<string>").alias(TYPE_ERRORS),
    )

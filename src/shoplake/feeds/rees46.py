"""REES46 (2019–2020, on Kaggle): what visitors of a multi-category shop did, as one CSV a month.

Format: https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store. Times are UTC and
end in ` UTC`; a user's number is permanent, so a visitor is a customer; a row is one piece.

Events have no ids, and identical rows are events of their own (a visitor reloads a page twice in a second). The id is a
hash of the fields and of the line's number in its file, not of the file's name: a file that arrives again, under
whatever name, adds nothing, and identical rows of one file all count. A file that is cut into other parts has other
line numbers; deliver one of the two.

There are no orders either: the purchases of a session (`user_session`) are one order, and a purchase without a session
is an order of its own. A row that is cut within its last field looks like a whole one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.attributes import attributes
from shoplake.columns.raw_record import RECORD, TYPE_ERRORS, csv_record, parsed, payload_hash, type_errors, with_parsed
from shoplake.columns.time import local_date
from shoplake.columns.web import event_name
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import orders_from_events
from shoplake.feeds.rename_events import mapped_name

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

EVENT_NAMES = {"cart": "add_to_cart"}
EVENT = (
    *("event_time", "event_type", "product_id", "category_id", "category_code", "brand", "price", "user_id"),
    "user_session",
)


@leaves_null("anonymous_id", "device", "browser", "platform", "page_url", "utm_source", "utm_medium", "utm_campaign")
def events(events_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per event record; its brand and category are attributes."""
    read = csv_record(events_raw, EVENT, strict=feed.is_strict).withColumns(
        {"event_time": F.regexp_replace("event_time", r" UTC\z", ""), "event_name": _event_name()}
    )
    name = mapped_name(F.col("event_name"), feed)
    is_purchase, is_one_piece = name == "purchase", name.isin("add_to_cart", "remove_from_cart", "purchase")
    return with_parsed(read, event_time="timestamp", price=money.UNIT).select(
        "feed",
        _event_id().alias("event_id"),
        parsed("event_time").alias("event_at"),
        local_date(parsed("event_time"), feed.timezone).alias("event_date"),
        "event_name",
        F.col("user_id").alias("visitor_id"),
        F.col("user_id").alias("customer_id"),
        F.col("user_session").alias("session_id"),
        "product_id",
        F.when(is_one_piece, 1).alias("quantity"),
        parsed("price").alias("unit_price"),
        F.when(is_purchase, F.coalesce("user_session", F.concat_ws("@", "user_id", "event_time"))).alias("order_id"),
        F.lit(feed.currency).cast("string").alias("currency"),
        F.lit(False).alias("is_bot"),
        attributes(brand="brand", category_id="category_id", category_code="category_code"),
        payload_hash(),
        F.col(f"{RECORD}.batch_id").alias("batch_id"),
        F.col(f"{RECORD}.ingested_at").alias("ingested_at"),
        RECORD,
        F.concat(type_errors("event_time", "price"), _no_product()).alias(TYPE_ERRORS),
    )


def _event_name() -> Column:
    return F.when(F.col("event_type") == "cart", EVENT_NAMES["cart"]).otherwise(event_name("event_type"))


def _event_id() -> Column:
    fields = [F.coalesce(name, F.lit("")) for name in EVENT]
    return F.md5(F.concat_ws("|", *fields, F.col(f"{RECORD}.line").cast("string")))


def _no_product() -> Column:
    """Return the rule that a row without a product violates: each event of this format is about one."""
    return F.array_compact(F.array(F.when(F.col("product_id").isNull(), "product_id_present")))


REES46 = FeedKind(
    name="rees46",
    doc="REES46 eCommerce behavior data: one CSV of events a month",
    streams=(Stream("*.csv", "csv", into="events_raw", fields=EVENT),),
    mappings={"events": {"events_raw": events}, "order_lines": {"events": orders_from_events.order_lines}},
    event_names=EVENT_NAMES,
    funnel_steps=("product_view", "add_to_cart", "purchase"),
    home="https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store",
)

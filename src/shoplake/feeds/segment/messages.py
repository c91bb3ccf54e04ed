"""Messages of the Segment spec, which RudderStack and Jitsu share: one a record, or many in a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, filter_parsed, json_record, null_if_empty, parse_as
from shoplake.feeds.documents import with_problem

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

PRODUCT = {
    **dict.fromkeys(("product_id", "sku", "name", "category", "brand", "variant", "coupon"), "string"),
    **dict.fromkeys(("price", "quantity", "url"), "string"),
}
PRODUCT_TYPE = f"struct<{','.join(f'{name}:{type}' for name, type in PRODUCT.items())}>"
PROPERTIES = {
    **PRODUCT,
    **dict.fromkeys(("order_id", "total", "revenue", "shipping", "tax", "discount", "currency", "query"), "string"),
    "products": f"array<{PRODUCT_TYPE}>",
}
TRAITS = (
    "struct<email:string,phone:string,createdAt:string,created_at:string,address:struct<city:string,country:string>,"
    "plan:string>"
)
CONTEXT = (
    "struct<sessionId:string,userAgent:string,page:struct<url:string>,device:struct<type:string>,"
    f"campaign:struct<source:string,medium:string,name:string>,traits:{TRAITS}>"
)
PARTS = {
    **dict.fromkeys(("type", "event", "messageId", "userId", "anonymousId", "timestamp"), "string"),
    **dict.fromkeys(("originalTimestamp", "sentAt", "receivedAt", "channel"), "string"),
    "properties": f"struct<{','.join(f'{name}:{type}' for name, type in PROPERTIES.items())}>",
    "context": CONTEXT,
    "traits": TRAITS,
}
TYPE = f"struct<{','.join(f'{name}:{type}' for name, type in PARTS.items())}>"
MESSAGE_FIELDS = (
    *PARTS,
    *("batch", "integrations", "version", "writeKey", "projectId", "name", "category", "groupId", "previousId"),
    *("_metadata", "request_ip", "rudderId", "eventn_ctx"),
)
NUMBERS = ("price", "quantity", "total", "revenue", "shipping", "tax", "discount")


def messages(raw: DataFrame, feed: Feed, types: tuple[str, ...], events: tuple[str, ...] = ()) -> DataFrame:
    """One row per message of one of the `types`, and of one of the `events` if named; and per record without any.

    `at` is the time that the sender's clock would have shown had it been right: the corrected `timestamp`, else
    `originalTimestamp` and the difference between arrival and sending.
    """
    fields = ", ".join(f"{name} {type}" for name, type in PARTS.items()) + f", batch array<{TYPE}>"
    read = json_record(raw, fields, numbers=NUMBERS)
    if feed.is_strict:
        names = F.expr(f"json_object_keys({RECORD}.raw)").cast("array<string>")
        others = F.array_except(names, F.array(*map(F.lit, MESSAGE_FIELDS)).cast("array<string>"))
        read = with_problem(read, "unknown_fields", F.size(others) > 0)
    alone = F.array(F.struct(*[F.col(name) for name in PARTS]).cast(TYPE))
    each = read.select(
        "feed", RECORD, F.explode(F.coalesce(F.col("batch").cast(f"array<{TYPE}>"), alone)).alias("message")
    )
    flat = each.select("feed", RECORD, *[F.col(f"message.{name}").alias(name) for name in PARTS])
    timed = flat.withColumn("timestamp", null_if_empty("timestamp")).withColumn("at", _corrected_time())
    return filter_parsed(timed, _is_wanted(types, events))


def _is_wanted(types: tuple[str, ...], events: tuple[str, ...]) -> Column:
    """Whether a message is of these types and events, or of none because its record cannot be read."""
    is_wanted = F.col("type").isin(*types)
    if events:
        is_wanted = is_wanted & F.col("event").isin(*events)
    return F.coalesce(is_wanted, F.lit(False)) | F.col(f"{RECORD}.problem").isNotNull() | F.col("type").isNull()


def _corrected_time() -> Column:
    sent, received = parse_as("sentAt", "timestamp"), parse_as("receivedAt", "timestamp")
    original = parse_as("originalTimestamp", "timestamp")
    corrected = F.coalesce(original + (received - sent), original, received)
    return F.when(F.col("timestamp").isNotNull(), parse_as("timestamp", "timestamp")).otherwise(corrected)

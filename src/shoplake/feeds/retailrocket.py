"""Retailrocket (2015, on Kaggle): events, item property changes and a category tree.

Visitors have numbers, so a buyer is a customer by that number. Times are milliseconds since 1970. An event has neither
an id nor a price: the id is a hash of its fields, the price is that of the item at that time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import (
    RECORD,
    TYPE_ERRORS,
    csv_record,
    filter_parsed,
    parse_as,
    payload_hash,
    type_errors,
)
from shoplake.columns.time import from_millis, local_date
from shoplake.columns.web import event_name
from shoplake.declare import Feed, FeedKind, PublishedFile, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds import orders_from_events
from shoplake.feeds.rename_events import mapped_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column, DataFrame

EVENT = ("timestamp", "visitorid", "event", "itemid", "transactionid")
CHANGE = ("timestamp", "itemid", "property", "value")
CATEGORY = ("categoryid", "parentid")

PROPERTIES = {"categoryid": "category", "790": "price", "available": "is_available"}
"""The versioned properties and their product columns; 790 is the price, as `n12000.000`."""

WELL_FORMED = r'^[0-9]{1,14},[0-9]{1,18},[^," ]+,[^,"]*[^," ][^,"]*\z'
"""A change without quotes, with a numeric time and item and a non-empty property and value."""


@leaves_null(
    "anonymous_id",
    "session_id",
    "unit_price",
    "device",
    "browser",
    "platform",
    "page_url",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "attributes",
)
def events(events_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each event record to an event; add-to-cart and purchase events have quantity 1."""
    records = csv_record(events_raw, EVENT, strict=feed.is_strict).withColumns(
        {
            "event_at": from_millis("timestamp"),
            "event_name": event_name("event"),
            "visitor_id": _parse_id("visitorid"),
            "product_id": _parse_id("itemid"),
            "order_id": _parse_id("transactionid"),
            TYPE_ERRORS: type_errors(timestamp="bigint", visitorid="bigint", itemid="bigint", transactionid="bigint"),
        }
    )
    name = mapped_name(F.col("event_name"), feed)
    is_purchase, has_quantity = name == "purchase", name.isin("add_to_cart", "purchase")
    missing = _missing_rules(product_id=F.expr("product_id IS NULL"), order_id=F.expr("order_id IS NULL") & is_purchase)
    return records.select(
        "feed",
        F.md5(_concat(F.unix_millis("event_at"), "event_name", "visitor_id", "product_id", "order_id")).alias(
            "event_id"
        ),
        "event_at",
        local_date(F.col("event_at"), feed.timezone).alias("event_date"),
        "event_name",
        "visitor_id",
        F.when(is_purchase, F.col("visitor_id")).alias("customer_id"),
        "product_id",
        F.when(has_quantity, 1).alias("quantity"),
        "order_id",
        F.lit(feed.currency).cast("string").alias("currency"),
        F.lit(False).alias("is_bot"),
        payload_hash(),
        F.col(f"{RECORD}.batch_id").alias("batch_id"),
        F.col(f"{RECORD}.ingested_at").alias("ingested_at"),
        RECORD,
        F.concat(TYPE_ERRORS, missing).alias(TYPE_ERRORS),
    )


@leaves_null("product_name", "parent_category", "cost", "attributes", "operation", "sequence")
def products(product_changes_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each change of a versioned property to a product change; other properties stay in bronze.

    A change sets only the column in `sets`. Records that cannot be parsed are included whatever their property, so
    that they are quarantined.
    """
    is_candidate = _needs_parsing() | _contains_any(PROPERTIES)
    changes = csv_record(product_changes_raw.where(is_candidate), CHANGE, strict=feed.is_strict).withColumns(
        {"product_id": _parse_id("itemid"), "updated_at": from_millis("timestamp"), "sets": _product_column("property")}
    )
    is_relevant = F.expr("sets IS NOT NULL OR product_id IS NULL OR updated_at IS NULL OR property IS NULL")
    return _add_values(filter_parsed(changes, is_relevant)).select(
        "feed",
        "product_id",
        "category",
        "price",
        "is_available",
        "updated_at",
        F.when(F.col("sets").isNotNull(), F.array("sets")).alias("sets"),
        RECORD,
        F.concat(TYPE_ERRORS, _missing_rules(property=F.expr("property IS NULL"), value=F.expr("value IS NULL"))).alias(
            TYPE_ERRORS
        ),
    )


@leaves_null()
def categories(categories_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each category record to a category; one without a parent is a root."""
    return csv_record(categories_raw, CATEGORY, strict=feed.is_strict).select(
        "feed",
        _parse_id("categoryid").alias("category_id"),
        _parse_id("parentid").alias("parent_id"),
        RECORD,
        type_errors(categoryid="bigint", parentid="bigint"),
    )


def _needs_parsing() -> Column:
    """Whether a raw change does not match `WELL_FORMED` and needs full parsing; most changes match."""
    is_well_formed = (F.col("header") == ",".join(CHANGE)) & F.col("raw").rlike(WELL_FORMED) & F.col("problem").isNull()
    return ~F.coalesce(is_well_formed, F.lit(False))


def _contains_any(properties: Iterable[str]) -> Column:
    """Whether a raw change contains the name of one of the properties."""
    names = F.lit(False)
    for name in properties:
        names = names | (F.instr("raw", f",{name},") > 0)
    return names


def _add_values(changes: DataFrame) -> DataFrame:
    """Add the value of each change in the column of its property, and its type errors."""
    texts = {
        "_category": F.when(F.col("sets") == "category", F.col("value")),
        "_price": F.when(F.col("sets") == "price", F.regexp_replace("value", "^n", "")),
        "_available": F.when(F.col("sets") == "is_available", _parse_flag("value")),
    }
    value_errors = type_errors(
        timestamp="bigint", itemid="bigint", _category="bigint", _price=money.UNIT, _available="boolean"
    )
    columns = {
        "category": _parse_id("_category"),
        "price": parse_as("_price", money.UNIT),
        "is_available": parse_as("_available", "boolean"),
    }
    renamed = F.transform(value_errors, lambda rule: F.regexp_replace(rule, "^_[a-z]+", "value"))
    return changes.withColumns(texts).withColumns(columns | {TYPE_ERRORS: renamed})


def _product_column(property: str) -> Column:
    """Map a property to its product column; null for other properties."""
    column = F.lit(None).cast("string")
    for name, product_column in PROPERTIES.items():
        column = F.when(F.col(property) == name, product_column).otherwise(column)
    return column


def _parse_flag(text: str) -> Column:
    """Map 0 and 1 to boolean texts; any other text becomes one that fits no boolean."""
    is_flag, is_true = F.col(text).isin("0", "1"), F.col(text) == "1"
    return F.when(is_flag, is_true.cast("string")).when(F.col(text).isNotNull(), "?")


def _missing_rules(**conditions: Column) -> Column:
    """Return the rule names `<name>_present` of the names whose condition is true."""
    return F.array_compact(F.array(*[F.when(is_missing, f"{name}_present") for name, is_missing in conditions.items()]))


def _parse_id(text: str) -> Column:
    """Parse a numeric id to text; `2.0` becomes `2`."""
    return parse_as(text, "bigint").cast("string")


def _concat(*fields: Column | str) -> Column:
    """Concatenate fields to one text; null is empty."""
    columns = [F.col(field) if isinstance(field, str) else field for field in fields]
    return F.concat_ws("|", *[F.coalesce(column.cast("string"), F.lit("")) for column in columns])


RETAILROCKET = FeedKind(
    name="retailrocket",
    doc="Retailrocket: events, item properties and a category tree, as CSV",
    streams=(
        Stream("*events*.csv", "csv", into="events_raw", fields=EVENT),
        Stream("item_properties*.csv", "csv", into="product_changes_raw", fields=CHANGE),
        Stream("category_tree*.csv", "csv", into="categories_raw", fields=CATEGORY),
    ),
    mappings={
        "events": {"events_raw": events},
        "products": {"product_changes_raw": products},
        "categories": {"categories_raw": categories},
        "order_lines": {"events": orders_from_events.order_lines},
    },
    funnel_steps=("product_view", "add_to_cart", "purchase"),
    published=(
        PublishedFile("events.csv", 2_756_101, 94_237_913, "3745aa83238b1e6d"),
        PublishedFile("item_properties_part1.csv", 10_999_999, 484_315_749, "30aad5aeca58b2dc"),
        PublishedFile("item_properties_part2.csv", 9_275_903, 408_929_907, "d5e7d1a91dc4"),
        PublishedFile("category_tree.csv", 1_669),
    ),
    home="https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset",
)

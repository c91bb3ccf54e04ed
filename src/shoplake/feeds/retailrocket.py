"""Retailrocket (2015, on Kaggle): what visitors of a shop did, how its items changed, and its tree of categories.

Visitors have numbers and no names, so who buys is a customer by that number. Times are milliseconds since 1970. An
event has neither an id nor a price: the id is made of its fields, the price is that of the item at that moment.
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
from shoplake.feeds import orders_from_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column, DataFrame

EVENT = ("timestamp", "visitorid", "event", "itemid", "transactionid")
CHANGE = ("timestamp", "itemid", "property", "value")
CATEGORY = ("categoryid", "parentid")

PROPERTIES = {"categoryid": "category", "790": "price", "available": "is_available"}
"""The properties that make versions of a product, and what they are called there; 790 is the price, as `n12000.000`."""

WELL_FORMED = r'^[0-9]{1,14},[0-9]{1,18},[^," ]+,[^,"]*[^," ][^,"]*$'
"""A change without quotes, whose time and item are numbers that fit, and whose property and value are said."""


def events(events_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per event record. Who puts something into the cart, or buys it, takes one piece."""
    read = csv_record(events_raw, EVENT, strict=feed.is_strict).withColumns(
        {
            "event_at": from_millis("timestamp"),
            "event_name": event_name("event"),
            "visitor_id": _id("visitorid"),
            "product_id": _id("itemid"),
            "order_id": _id("transactionid"),
            TYPE_ERRORS: type_errors(timestamp="bigint", visitorid="bigint", itemid="bigint", transactionid="bigint"),
        }
    )
    is_purchase, takes_one = F.col("event_name") == "purchase", F.col("event_name").isin("add_to_cart", "purchase")
    missing = _missing(product_id="product_id IS NULL", order_id="order_id IS NULL AND event_name = 'purchase'")
    return read.select(
        "feed",
        F.md5(_told(F.unix_millis("event_at"), "event_name", "visitor_id", "product_id", "order_id")).alias("event_id"),
        "event_at",
        local_date(F.col("event_at"), feed.timezone).alias("event_date"),
        "event_name",
        "visitor_id",
        F.when(is_purchase, F.col("visitor_id")).alias("customer_id"),
        "product_id",
        F.when(takes_one, 1).alias("quantity"),
        "order_id",
        F.lit(feed.currency).cast("string").alias("currency"),
        F.lit(False).alias("is_bot"),
        payload_hash(),
        F.col(f"{RECORD}.batch_id").alias("batch_id"),
        F.col(f"{RECORD}.ingested_at").alias("ingested_at"),
        RECORD,
        F.concat(TYPE_ERRORS, missing).alias(TYPE_ERRORS),
    )


def products(product_changes_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per change of a property that makes versions; the other properties stay in bronze.

    Only the column in `sets` is said, the others are as they were. What cannot be read is kept, whichever property it
    is of, to be judged.
    """
    may_matter = _is_odd() | _names_one_of(PROPERTIES)
    said = csv_record(product_changes_raw.where(may_matter), CHANGE, strict=feed.is_strict).withColumns(
        {"product_id": _id("itemid"), "updated_at": from_millis("timestamp"), "sets": _column_of("property")}
    )
    matters = F.expr("sets IS NOT NULL OR product_id IS NULL OR updated_at IS NULL OR property IS NULL")
    return _typed(filter_parsed(said, matters)).select(
        "feed",
        "product_id",
        "category",
        "price",
        "is_available",
        "updated_at",
        F.when(F.col("sets").isNotNull(), F.array("sets")).alias("sets"),
        RECORD,
        F.concat(TYPE_ERRORS, _missing(property="property IS NULL", value="value IS NULL")).alias(TYPE_ERRORS),
    )


def categories(categories_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per category record; one without a parent is a root."""
    return csv_record(categories_raw, CATEGORY, strict=feed.is_strict).select(
        "feed",
        _id("categoryid").alias("category_id"),
        _id("parentid").alias("parent_id"),
        RECORD,
        type_errors(categoryid="bigint", parentid="bigint"),
    )


def _is_odd() -> Column:
    """Whether a raw change is not, at first sight, a well-formed one: most are, and need not be taken apart."""
    is_usual = (F.col("header") == ",".join(CHANGE)) & F.col("raw").rlike(WELL_FORMED) & F.col("problem").isNull()
    return ~F.coalesce(is_usual, F.lit(False))


def _names_one_of(properties: Iterable[str]) -> Column:
    """Whether one of the properties is named anywhere in a raw change."""
    names = F.lit(False)
    for name in properties:
        names = names | (F.instr("raw", f",{name},") > 0)
    return names


def _typed(changes: DataFrame) -> DataFrame:
    """Changes with their value in the column it is of, and what of them does not fit its type."""
    texts = {
        "_category": F.when(F.col("sets") == "category", F.col("value")),
        "_price": F.when(F.col("sets") == "price", F.regexp_replace("value", "^n", "")),
        "_available": F.when(F.col("sets") == "is_available", _flag("value")),
    }
    of_value = type_errors(
        timestamp="bigint", itemid="bigint", _category="bigint", _price=money.UNIT, _available="boolean"
    )
    columns = {
        "category": _id("_category"),
        "price": parse_as("_price", money.UNIT),
        "is_available": parse_as("_available", "boolean"),
    }
    named = F.transform(of_value, lambda rule: F.regexp_replace(rule, "^_[a-z]+", "value"))
    return changes.withColumns(texts).withColumns(columns | {TYPE_ERRORS: named})


def _column_of(property: str) -> Column:
    """The column of a product that a property is; null for properties that make no versions."""
    column = F.lit(None).cast("string")
    for name, known in PROPERTIES.items():
        column = F.when(F.col(property) == name, known).otherwise(column)
    return column


def _flag(text: str) -> Column:
    """The text of a truth value for 0 and 1; a text that fits none for anything else."""
    is_said, says_yes = F.col(text).isin("0", "1"), F.col(text) == "1"
    return F.when(is_said, says_yes.cast("string")).when(F.col(text).isNotNull(), "?")


def _missing(**conditions: str) -> Column:
    """The rules `<name>_present` of the names whose SQL condition is true."""
    return F.array_compact(
        F.array(*[F.when(F.expr(is_missing), f"{name}_present") for name, is_missing in conditions.items()])
    )


def _id(text: str) -> Column:
    """A number that names something, as text; `2.0`, as programs write it that know only floats, is `2`."""
    return parse_as(text, "bigint").cast("string")


def _told(*fields: Column | str) -> Column:
    """Fields side by side, as one text."""
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

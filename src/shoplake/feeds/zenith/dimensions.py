"""Customers and products of the native format: full snapshots, and change feeds.

A snapshot row has the time of its last change (`updated_at`). A change record has the operation `op` (insert, update,
delete), its time (`changed_at`), its number at the source (`sequence`; of several changes of a row at one time the
greatest wins), and all fields after the change; a deletion needs only the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import RECORD, csv_record, json_record, parse_as, type_errors
from shoplake.declare.kinds.mapped_columns import leaves_null

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

CUSTOMER = ("customer_id", "signup_date", "location", "email", "phone", "updated_at")
PRODUCT = ("product_id", "product_name", "category", "price", "cost", "updated_at")
CHANGE = ("op", "sequence", "changed_at")
PRICES = ("price", "cost")


@leaves_null("attributes", "operation", "sequence")
def customers(customers_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each customer of a snapshot to a change."""
    return csv_record(customers_raw, CUSTOMER, strict=feed.is_strict).select(
        *_customer(),
        parse_as("updated_at", "timestamp").alias("updated_at"),
        RECORD,
        type_errors(signup_date="date", updated_at="timestamp"),
    )


@leaves_null("attributes")
def customer_changes(customer_changes_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each change record of a customer to a change."""
    fields = _texts((*CHANGE, *CUSTOMER[:-1]))
    return json_record(customer_changes_raw, fields, strict=feed.is_strict).select(
        *_customer(),
        *_change(),
        RECORD,
        type_errors(signup_date="date", changed_at="timestamp", sequence="bigint"),
    )


@leaves_null("parent_category", "attributes", "operation", "sequence", "sets")
def products(products_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each product of a snapshot to a change; products of a snapshot are available."""
    return json_record(products_raw, _texts(PRODUCT), numbers=PRICES, strict=feed.is_strict).select(
        *_product(),
        parse_as("updated_at", "timestamp").alias("updated_at"),
        RECORD,
        type_errors(price=money.UNIT, cost=money.UNIT, updated_at="timestamp"),
    )


@leaves_null("parent_category", "attributes", "sets")
def product_changes(product_changes_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each change record of a product to a change; products that are not deleted are available."""
    fields = _texts((*CHANGE, *PRODUCT[:-1]))
    return json_record(product_changes_raw, fields, numbers=PRICES, strict=feed.is_strict).select(
        *_product(),
        *_change(),
        RECORD,
        type_errors(price=money.UNIT, cost=money.UNIT, changed_at="timestamp", sequence="bigint"),
    )


def _customer() -> tuple[Column | str, ...]:
    return ("feed", "customer_id", parse_as("signup_date", "date").alias("signup_date"), "location", "email", "phone")


def _product() -> tuple[Column | str, ...]:
    return (
        "feed",
        "product_id",
        "product_name",
        "category",
        parse_as("price", money.UNIT).alias("price"),
        parse_as("cost", money.UNIT).alias("cost"),
        F.lit(True).alias("is_available"),
    )


def _change() -> tuple[Column, ...]:
    return (
        parse_as("changed_at", "timestamp").alias("updated_at"),
        F.lower(F.coalesce("op", F.lit(""))).alias("operation"),
        parse_as("sequence", "bigint").alias("sequence"),
    )


def _texts(names: Iterable[str]) -> str:
    return ", ".join(f"{name} string" for name in names)

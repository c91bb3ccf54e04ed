"""Products and customers of Shopify: snapshots, as of the time they were last changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.attributes import attributes
from shoplake.columns.raw_record import RECORD, field_names, null_if_empty, parse_as, parsed, type_errors, with_parsed
from shoplake.columns.time import local_date
from shoplake.feeds.documents import json_document

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Feed

PRODUCT = (
    "id string, title string, product_type string, vendor string, handle string, status string, published_at string, "
    "updated_at string, variants array<struct<id:string,price:string,sku:string>>"
)
CUSTOMER = (
    "id string, email string, phone string, created_at string, updated_at string, state string, "
    "default_address struct<city:string,country_code:string,phone:string>"
)
PRODUCT_FIELDS = (
    *field_names(PRODUCT),
    *("admin_graphql_api_id", "body_html", "category", "created_at", "has_variants_that_requires_components"),
    *("image", "images", "media", "options", "published_scope", "tags", "template_suffix", "variant_gids", "product"),
)
CUSTOMER_FIELDS = (
    *field_names(CUSTOMER),
    *("accepts_marketing", "accepts_marketing_updated_at", "addresses", "admin_graphql_api_id", "currency"),
    *("email_marketing_consent", "first_name", "last_name", "last_order_id", "last_order_name", "tax_exemptions"),
    *("marketing_opt_in_level", "multipass_identifier", "note", "orders_count", "sms_marketing_consent", "tags"),
    *("tax_exempt", "total_spent", "verified_email", "customer"),
)


def product_bodies(products_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per product body, at the price of its cheapest variant.

    What is active can be bought; a body that does not say whether it is (older versions), if it is published.
    """
    read = json_document(
        *(products_raw, PRODUCT),
        wrapper="product",
        known=PRODUCT_FIELDS,
        numbers=("price",),
        is_strict=feed.is_strict,
    )
    prices = F.transform("variants", lambda variant: money.parse(variant["price"]))
    return read.select(
        "feed",
        F.col("id").alias("product_id"),
        F.col("title").alias("product_name"),
        null_if_empty("product_type").alias("category"),
        F.array_min(prices).alias("price"),
        F.lit(None).cast(money.UNIT).alias("cost"),
        F.coalesce(F.col("status") == "active", F.col("published_at").isNotNull()).alias("is_available"),
        attributes(vendor="vendor", handle="handle", sku=F.get("variants", F.lit(0))["sku"]),
        parse_as("updated_at", "timestamp").alias("updated_at"),
        RECORD,
        type_errors(updated_at="timestamp"),
    )


def customer_bodies(customers_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per customer body; they live at their default address."""
    read = json_document(customers_raw, CUSTOMER, wrapper="customer", known=CUSTOMER_FIELDS, is_strict=feed.is_strict)
    place = [F.nullif(F.col(f"default_address.{name}"), F.lit("")) for name in ("city", "country_code")]
    return with_parsed(read, created_at="timestamp", updated_at="timestamp").select(
        "feed",
        F.col("id").alias("customer_id"),
        local_date(parsed("created_at"), feed.timezone).alias("signup_date"),
        F.nullif(F.concat_ws(", ", *place), F.lit("")).alias("location"),
        null_if_empty("email").alias("email"),
        F.coalesce(null_if_empty("phone"), F.nullif("default_address.phone", F.lit(""))).alias("phone"),
        attributes(state="state"),
        parsed("updated_at").alias("updated_at"),
        RECORD,
        type_errors("created_at", "updated_at"),
    )

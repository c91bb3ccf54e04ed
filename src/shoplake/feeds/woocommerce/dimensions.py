"""Products and customers of WooCommerce: snapshots, as of the time they were last changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.attributes import attributes
from shoplake.columns.raw_record import RECORD, field_names, null_if_empty, parse_as, parsed, type_errors, with_parsed
from shoplake.columns.time import local_date
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds.documents import json_document

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

NAMED = "array<struct<id:string,name:string>>"
PRODUCT = (
    "id string, name string, type string, status string, sku string, price string, stock_status string, "
    f"date_created_gmt string, date_modified_gmt string, categories {NAMED}, brands {NAMED}"
)
CUSTOMER = (
    "id string, email string, role string, date_created_gmt string, date_modified_gmt string, "
    "billing struct<city:string,country:string,phone:string>"
)
PRODUCT_FIELDS = (
    *field_names(PRODUCT),
    *("slug", "permalink", "date_created", "date_modified", "featured", "catalog_visibility", "description"),
    *("short_description", "regular_price", "sale_price", "date_on_sale_from", "date_on_sale_from_gmt"),
    *("date_on_sale_to", "date_on_sale_to_gmt", "price_html", "on_sale", "purchasable", "total_sales", "virtual"),
    *("downloadable", "downloads", "download_limit", "download_expiry", "external_url", "button_text", "tax_status"),
    *("tax_class", "manage_stock", "stock_quantity", "backorders", "backorders_allowed", "backordered"),
    *("sold_individually", "weight", "dimensions", "shipping_required", "shipping_taxable", "shipping_class"),
    *("shipping_class_id", "reviews_allowed", "average_rating", "rating_count", "related_ids", "upsell_ids"),
    *("cross_sell_ids", "parent_id", "purchase_note", "tags", "images", "attributes", "default_attributes"),
    *("variations", "grouped_products", "menu_order", "meta_data", "low_stock_amount", "has_options", "post_password"),
    *("global_unique_id", "_links", "product"),
)
CUSTOMER_FIELDS = (
    *field_names(CUSTOMER),
    *("date_created", "date_modified", "first_name", "last_name", "username", "password", "shipping"),
    *("is_paying_customer", "avatar_url", "meta_data", "orders_count", "total_spent", "_links", "customer"),
)


@leaves_null("parent_category", "cost", "operation", "sequence", "sets")
def products(products_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per product body; what is published and not out of stock can be bought."""
    read = json_document(
        *(products_raw, PRODUCT),
        wrapper="product",
        known=PRODUCT_FIELDS,
        numbers=("price",),
        is_strict=feed.is_strict,
    ).withColumns({"price": null_if_empty("price"), "date_modified_gmt": _changed_at()})
    first_category, first_brand = (F.get(names, F.lit(0))["name"] for names in ("categories", "brands"))
    return read.select(
        "feed",
        F.col("id").alias("product_id"),
        F.col("name").alias("product_name"),
        first_category.alias("category"),
        parse_as("price", money.UNIT).alias("price"),
        ((F.col("status") == "publish") & (F.col("stock_status") != "outofstock")).alias("is_available"),
        attributes(sku="sku", brand=first_brand, type="type"),
        parse_as("date_modified_gmt", "timestamp").alias("updated_at"),
        RECORD,
        type_errors(price=money.UNIT, date_modified_gmt="timestamp"),
    )


@leaves_null("operation", "sequence")
def customers(customers_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per customer body; they live where their bills go."""
    read = json_document(
        customers_raw, CUSTOMER, wrapper="customer", known=CUSTOMER_FIELDS, is_strict=feed.is_strict
    ).withColumn("date_modified_gmt", _changed_at())
    place = [F.nullif(F.col(f"billing.{name}"), F.lit("")) for name in ("city", "country")]
    return with_parsed(read, date_created_gmt="timestamp", date_modified_gmt="timestamp").select(
        "feed",
        F.col("id").alias("customer_id"),
        local_date(parsed("date_created_gmt"), feed.timezone).alias("signup_date"),
        F.nullif(F.concat_ws(", ", *place), F.lit("")).alias("location"),
        null_if_empty("email").alias("email"),
        F.nullif("billing.phone", F.lit("")).alias("phone"),
        attributes(role="role"),
        parsed("date_modified_gmt").alias("updated_at"),
        RECORD,
        type_errors("date_created_gmt", "date_modified_gmt"),
    )


def _changed_at() -> Column:
    """Return when a record last changed: as created where it never did."""
    return F.coalesce("date_modified_gmt", "date_created_gmt")

"""The CSV of products and of customers that Shopify's admin exports, under the ids that exported orders have.

Format: https://help.shopify.com/en/manual/products/import-export/using-csv and
https://help.shopify.com/en/manual/customers/import-export-customers. Products have a row a variant, and what is true
of the product on the first row of its handle; further rows may have images alone. An exported order names neither
product nor customer by number, so a variant is a product here: by its SKU, else by the name that order items have. A
customer is the hash of the e-mail address, else the number. Neither says when it changed: a row is true from its
arrival on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes
from shoplake.columns.money import UNIT
from shoplake.columns.raw_record import RECORD, TYPE_ERRORS, csv_record, parse_as, type_errors
from shoplake.feeds.shopify.export import rows_by_document

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

PRODUCT_EXPORT_FIELDS = (
    *("Handle", "URL handle", "Title", "Body (HTML)", "Description", "Vendor", "Product Category", "Type", "Tags"),
    *("Published", "Published on online store", "Status", "Gift Card", "SEO Title", "SEO Description"),
    *(f"Option{n} {part}" for n in (1, 2, 3) for part in ("Name", "Value", "Linked To")),
    *(f"Variant {name}" for name in ("SKU", "Grams", "Inventory Tracker", "Inventory Qty", "Inventory Policy")),
    *(f"Variant {name}" for name in ("Fulfillment Service", "Price", "Compare At Price", "Requires Shipping")),
    *(f"Variant {name}" for name in ("Taxable", "Barcode", "Image", "Weight Unit", "Tax Code")),
    *("SKU", "Barcode", "Price", "Compare-at price", "Cost per item", "Image Src", "Image Position", "Image Alt Text"),
)
CUSTOMER_EXPORT_FIELDS = (
    *("Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Accepts Marketing"),
    *(f"Default Address {name}" for name in ("Company", "Address1", "Address2", "City", "Province Code")),
    *(f"Default Address {name}" for name in ("Country Code", "Zip", "Phone")),
    *("Company", "Address1", "Address2", "City", "Province", "Province Code", "Country", "Country Code", "Zip"),
    *("Phone", "Accepts SMS Marketing", "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags"),
)
USED = {
    **{"handle": ("Handle", "URL handle"), "title": ("Title",), "vendor": ("Vendor",)},
    **{"type": ("Type", "Product Category"), "status": ("Status",)},
    **{"published": ("Published", "Published on online store"), "sku": ("Variant SKU", "SKU")},
    **{f"option{n}": (f"Option{n} Value",) for n in (1, 2, 3)},
    **{"price": ("Variant Price", "Price"), "cost": ("Cost per item",)},
}
OF_VARIANT = ("sku", "option1", "price")
"""A row without any of these, behind the first of its product, has an image alone."""
ONLY_VARIANT = "Default Title"


def exported_products(products_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per variant; what is active can be bought, or what is published where the file has no status."""
    first = F.get("rows", F.lit(0))
    of_variant = [F.col(f"variant.{name}").alias(name) for name in ("sku", "price", "cost")]
    options = F.array_compact(F.array(*[F.col(f"variant.option{n}") for n in (1, 2, 3)]))
    variant_name = F.nullif(F.nullif(F.array_join(options, " / "), F.lit(ONLY_VARIANT)), F.lit(""))
    variants = _products(products_raw, feed).select(
        *("feed", RECORD),
        *[first[name].alias(name) for name in ("handle", "title", "vendor", "type", "status", "published")],
        *of_variant,
        variant_name.alias("variant_name"),
    )
    name = F.when(F.col("title").isNotNull(), F.concat_ws(" - ", "title", "variant_name"))
    return variants.withColumn("name", name).select(
        "feed",
        F.coalesce("sku", "name").alias("product_id"),
        F.col("name").alias("product_name"),
        F.col("type").alias("category"),
        parse_as("price", UNIT).alias("price"),
        parse_as("cost", UNIT).alias("cost"),
        F.coalesce(F.lower("status") == "active", F.lower("published") == "true").alias("is_available"),
        attributes(vendor="vendor", handle="handle", sku="sku"),
        F.col(f"{RECORD}.ingested_at").alias("updated_at"),
        RECORD,
        type_errors(price=UNIT, cost=UNIT),
    )


def exported_customers(customers_raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per customer; they live at their default address. The number is an attribute."""
    read = csv_record(customers_raw, CUSTOMER_EXPORT_FIELDS, strict=feed.is_strict)
    place = [F.coalesce(f"Default Address {name}", name) for name in ("City", "Country Code")]
    texts = read.withColumns({"number": _plain("Customer ID")})
    return texts.select(
        "feed",
        F.coalesce(F.md5(F.lower("Email")), "number").alias("customer_id"),
        F.lit(None).cast("date").alias("signup_date"),
        F.nullif(F.concat_ws(", ", *place), F.lit("")).alias("location"),
        F.col("Email").alias("email"),
        F.coalesce(_plain("Phone"), _plain("Default Address Phone")).alias("phone"),
        attributes(number="number"),
        F.col(f"{RECORD}.ingested_at").alias("updated_at"),
        RECORD,
        F.array_compact(F.array(F.lit(None).cast("string"))).alias(TYPE_ERRORS),
    )


def _products(raw: DataFrame, feed: Feed) -> DataFrame:
    """One row per variant of a product of a file, with all `rows` of the product; an unreadable row stands alone."""
    read = csv_record(raw, PRODUCT_EXPORT_FIELDS, strict=feed.is_strict)
    cells = {short: F.coalesce(*[f"`{name}`" for name in names]) for short, names in USED.items()}
    return rows_by_document(read, cells["handle"], cells).withColumn(
        "variant", F.explode(F.filter("rows", lambda row, place: (place == 0) | _is_variant(row)))
    )


def _is_variant(row: Column) -> Column:
    return F.coalesce(*[row[name] for name in OF_VARIANT]).isNotNull()


def _plain(name: str) -> Column:
    """Return a number without the apostrophe that keeps spreadsheets from rounding it."""
    return F.when(F.col(name).startswith("'"), F.expr(f"substring(`{name}`, 2)")).otherwise(F.col(name))

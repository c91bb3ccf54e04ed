"""UCI Online Retail (Chen, 2015, UCI Machine Learning Repository no. 352): the invoices of a UK gift shop.

Times are local without an offset. Every line counts, including equal lines within a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import RECORD, csv_record, parse_as, payload_hash, type_errors
from shoplake.columns.time import from_local, local_date
from shoplake.declare import Feed, FeedKind, Stream
from shoplake.declare.kinds.mapped_columns import leaves_null

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

NAMES = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


@leaves_null("status", "updated_at", "tax", "price_source", "attributes", "source_file", "version_line")
def order_lines(orders_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each invoice line to an order line; its number is the line number in the file."""
    ordered_at = from_local("InvoiceDate", feed.timezone)
    quantity, unit_price = parse_as("Quantity", "int"), parse_as("UnitPrice", money.UNIT)
    return (
        csv_record(orders_raw, NAMES, strict=feed.is_strict)
        .withColumn("StockCode", F.upper("StockCode"))
        .select(
            "feed",
            F.col("InvoiceNo").alias("order_id"),
            F.col("InvoiceNo").alias("document_id"),
            F.col(f"{RECORD}.line").alias("line_number"),
            _kind().alias("kind"),
            _line_class().alias("line_class"),
            ordered_at.alias("ordered_at"),
            local_date(ordered_at, feed.timezone).alias("order_date"),
            F.regexp_replace("CustomerID", r"\.0+\z", "").alias("customer_id"),
            F.col("StockCode").alias("product_id"),
            F.col("Country").alias("country"),
            quantity.alias("quantity"),
            unit_price.alias("unit_price"),
            money.amount(quantity, unit_price).alias("amount"),
            F.lit(feed.currency).cast("string").alias("currency"),
            payload_hash(),
            F.col(f"{RECORD}.batch_id").alias("batch_id"),
            F.col(f"{RECORD}.ingested_at").alias("ingested_at"),
            RECORD,
            type_errors(Quantity="int", InvoiceDate="timestamp", UnitPrice=money.UNIT),
        )
    )


def _kind() -> Column:
    invoice = F.upper("InvoiceNo")
    return F.when(invoice.startswith("C"), "return").when(invoice.startswith("A"), "adjustment").otherwise("sale")


def _line_class() -> Column:
    code = F.col("StockCode")
    is_goods, is_shipping = code.rlike("^[0-9]{5}"), code.isin("POST", "DOT", "C2")
    return F.when(is_goods, "goods").when(is_shipping, "shipping").when(code == "D", "discount").otherwise("other")


ONLINE_RETAIL = FeedKind(
    name="online_retail",
    doc="UCI Online Retail: one CSV of invoice lines or many",
    streams=(Stream("*.csv", "csv", into="orders_raw", fields=NAMES),),
    mappings={"order_lines": {"orders_raw": order_lines}},
)

from pyspark.sql import DataFrame

from shoplake.declare import Feeds, Upsert, col, expect, one_of, plausible_time, table
from shoplake.feeds.shaped import shaped

COLUMNS = (
    col("feed", "string", "Which shop's stream", required=True),
    col("order_id", "string", "The order it belongs to, or the returning invoice's own number", required=True),
    col("document_id", "string", "The order, invoice or refund it stands on", required=True),
    col("line_number", "bigint", "Its number there; -1 for shipping, -2 for a discount on the whole", required=True),
    col("kind", "string", "sale, return, adjustment", required=True),
    col("line_class", "string", "goods, shipping, discount, other", required=True),
    col("ordered_at", "timestamp", "When it was ordered or returned", unit="UTC", required=True),
    col("order_date", "date", "The shop's local day of `ordered_at`"),
    col("customer_id", "string", "Who ordered; null for a guest"),
    col("product_id", "string", "What was ordered"),
    col("country", "string", "Where to"),
    col("quantity", "int", "How many; negative in returns", unit="pieces", required=True),
    col("unit_price", "decimal(18,4)", "The price paid", unit="currency a piece", required=True),
    col("amount", "decimal(18,4)", "quantity × unit_price; negative in returns and discounts", unit="currency"),
    col("currency", "string", "ISO 4217 code"),
    col("payload_hash", "bigint", "xxHash64 of the raw record: tells an exact repeat from one that differs"),
    col("batch_id", "string", "The batch it arrived in"),
    col("ingested_at", "timestamp", "When that batch was taken in", unit="UTC"),
)


@table(
    "silver",
    key=["feed", "order_id", "document_id", "line_number", "kind"],
    write=Upsert(newest_by="ordered_at"),
    partition_by=["order_date"],
    streams=["orders_raw", "refunds_raw"],
    columns=COLUMNS,
    expects=[
        plausible_time("ordered_at"),
        one_of("kind", "sale", "return", "adjustment"),
        expect("product_id_present", "product_id IS NOT NULL OR line_class <> 'goods'"),
        expect(
            "quantity_fits_kind",
            "CASE kind WHEN 'sale' THEN quantity > 0 WHEN 'return' THEN quantity < 0 ELSE true END",
        ),
        expect("unit_price_not_negative", "unit_price >= 0 OR kind = 'adjustment'"),
    ],
)
def order_lines(orders_raw: DataFrame, refunds_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row a line of an order or return: goods, shipping, discount or other."""
    return shaped("order_lines", COLUMNS, feeds, orders_raw=orders_raw, refunds_raw=refunds_raw)

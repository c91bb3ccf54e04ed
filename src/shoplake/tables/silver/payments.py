from pyspark.sql import DataFrame

from shoplake.declare import Feeds, Upsert, col, expect, one_of, plausible_time, table
from shoplake.feeds.conform import conform

COLUMNS = (
    col("feed", "string", "Which shop's stream", required=True),
    col("payment_id", "string", "The payment's number, or the refund's", required=True),
    col("order_id", "string", "The order it pays or pays back", required=True),
    col("kind", "string", "payment, refund", required=True),
    col("method", "string", "How it was paid: card, invoice …"),
    col("status", "string", "What became of it: paid, failed, refunded …"),
    col("amount", "decimal(18,2)", "Money that came in; negative if it went back", unit="currency", required=True),
    col("currency", "string", "ISO 4217 code"),
    col("paid_at", "timestamp", "When", unit="UTC", required=True),
    col("paid_date", "date", "The shop's local day of `paid_at`"),
    col("payload_hash", "bigint", "xxHash64 of the raw record: tells an exact repeat from one that differs"),
    col("batch_id", "string", "The batch it arrived in"),
    col("ingested_at", "timestamp", "When that batch was taken in", unit="UTC"),
)


@table(
    "silver",
    key=["feed", "payment_id"],
    write=Upsert(order_by="paid_at"),
    incremental=["orders_raw", "refunds_raw"],
    columns=COLUMNS,
    expectations=[
        plausible_time("paid_at"),
        one_of("kind", "payment", "refund"),
        expect("amount_fits_kind", "CASE kind WHEN 'refund' THEN amount <= 0 ELSE amount >= 0 END"),
    ],
)
def payments(orders_raw: DataFrame, refunds_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per payment or refund of money; an order may have several, or none."""
    return conform("payments", COLUMNS, feeds, orders_raw=orders_raw, refunds_raw=refunds_raw)

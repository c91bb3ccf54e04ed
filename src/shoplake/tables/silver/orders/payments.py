from pyspark.sql import DataFrame

from shoplake.columns.raw_record import LINEAGE_COLUMNS, VERSION_COLUMNS, with_version
from shoplake.declare import (
    Feeds,
    ReplaceDocuments,
    all_digits,
    col,
    currency_code,
    expect,
    one_of,
    plausible_time,
    table,
)
from shoplake.feeds.conform import conform

COLUMNS = (
    col("feed", "string", "The feed", required=True),
    col("payment_id", "string", "The id of the payment or refund", required=True),
    col("order_id", "string", "The paid or refunded order", required=True),
    col("kind", "string", "payment, refund", required=True),
    col("method", "string", "Payment method: card, invoice …"),
    col("status", "string", "Payment status: pending, paid, failed, refunded …"),
    col("amount", "decimal(18,2)", "Amount received; negative for refunds", unit="currency", required=True),
    col("currency", "string", "ISO 4217 code"),
    col("paid_at", "timestamp", "Time of the payment or refund", unit="UTC", required=True),
    col("paid_date", "date", "The shop's local day of `paid_at`"),
    col("updated_at", "timestamp", "When the payment or its order last changed; null if unknown", unit="UTC"),
    *VERSION_COLUMNS,
    *LINEAGE_COLUMNS,
)


@table(
    "silver",
    key=["feed", "payment_id"],
    write=ReplaceDocuments(("payment_id",)),
    incremental=["orders_raw", "refunds_raw"],
    columns=COLUMNS,
    expectations=[
        plausible_time("paid_at"),
        plausible_time("updated_at"),
        one_of("kind", "payment", "refund"),
        all_digits("payment_id"),
        all_digits("order_id"),
        currency_code(),
        expect("amount_fits_kind", "CASE kind WHEN 'refund' THEN amount <= 0 ELSE amount >= 0 END"),
    ],
)
def payments(orders_raw: DataFrame, refunds_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per payment or refund; an order may have several or none.

    A payment that is sent again, alone or with its order, replaces the older one.
    """
    return with_version(conform("payments", COLUMNS, feeds, orders_raw=orders_raw, refunds_raw=refunds_raw))

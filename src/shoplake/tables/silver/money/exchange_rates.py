from pyspark.sql import DataFrame

from shoplake.columns.raw_record import LINEAGE_COLUMNS
from shoplake.columns.record_place import ARRIVAL_COLUMNS, with_arrival
from shoplake.declare import Feeds, Upsert, col, expect, plausible_time, table
from shoplake.feeds.conform import conform

COLUMNS = (
    col("feed", "string", "The feed", required=True),
    col("currency", "string", "ISO 4217 code", required=True),
    col("rate_date", "date", "The shop's local day from which it applies", required=True),
    col(
        "rate",
        "decimal(18,10)",
        "What one unit of the currency is worth in that of the feed",
        unit="per unit",
        required=True,
    ),
    col("updated_at", "timestamp", "When the rate was published, or else when it arrived", unit="UTC", required=True),
    *ARRIVAL_COLUMNS,
    *LINEAGE_COLUMNS,
)


@table(
    "silver",
    key=["feed", "currency", "rate_date"],
    write=Upsert(order_by="updated_at"),
    incremental="exchange_rates_raw",
    columns=COLUMNS,
    expectations=[
        expect("rate_positive", "rate > 0"),
        expect("currency_is_code", "currency RLIKE '^[A-Z][A-Z][A-Z]\\\\z'"),
        expect("rate_date_plausible", "rate_date >= DATE '1970-01-01' AND rate_date < DATE '2100-01-01'"),
        plausible_time("updated_at"),
    ],
)
def exchange_rates(exchange_rates_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per feed, currency and day with a rate: the latest that was published for that day.

    A rate without `updated_at` counts as published when it arrived: in the later run, the later file of a run, on the
    later line of a file. The days that a rate applies to are in
    `silver.exchange_rate_periods`.
    """
    return with_arrival(conform("exchange_rates", COLUMNS, feeds, exchange_rates_raw=exchange_rates_raw))

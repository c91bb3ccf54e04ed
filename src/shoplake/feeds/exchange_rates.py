"""Exchange rates of a shop: a stream and its mapping that any kind can have.

`exchange_rates/*.csv` has the columns `rate_date` (the shop's local day), `currency` (ISO 4217) and `rate`: what one
unit of that currency is worth in the feed's own. `updated_at` is optional: when the rate was published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, csv_record, parse_as, payload_hash, type_errors
from shoplake.declare import Stream
from shoplake.declare.kinds.mapped_columns import leaves_null

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Feed

RATE = "decimal(18,10)"
FIELDS = ("rate_date", "currency", "rate", "updated_at")


@leaves_null("source_file", "version_line")
def exchange_rates(exchange_rates_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each line to a rate. One without `updated_at` counts as published when it arrived."""
    arrived_at = F.col(f"{RECORD}.ingested_at")
    return csv_record(exchange_rates_raw, FIELDS, strict=feed.is_strict).select(
        "feed",
        F.upper("currency").alias("currency"),
        parse_as("rate_date", "date").alias("rate_date"),
        parse_as("rate", RATE).alias("rate"),
        F.coalesce(parse_as("updated_at", "timestamp"), arrived_at).alias("updated_at"),
        payload_hash(),
        F.col(f"{RECORD}.batch_id").alias("batch_id"),
        arrived_at.alias("ingested_at"),
        RECORD,
        type_errors(rate_date="date", rate=RATE, updated_at="timestamp"),
    )


EXCHANGE_RATES = Stream("exchange_rates/*.csv", "csv", into="exchange_rates_raw", fields=FIELDS)
MAPPING = {"exchange_rates": {"exchange_rates_raw": exchange_rates}}
"""To be merged into the mappings of a kind that has the stream."""

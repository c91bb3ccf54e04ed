"""Money in the currency of its feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import col, warn
from shoplake.transforms.asof_join import asof_join

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feeds

LACKS_RATE = "lacks_rate"
"""Whether a line is in another currency and has no rate, or one at which its amount is ten billion or more."""
CONVERTED_COLUMNS = (
    col("currency", "string", "The feed's currency, ISO 4217; amounts in others are converted"),
    col(
        "lines_without_rate",
        "bigint",
        "Lines in other currencies without an exchange rate; the money leaves them out",
        unit="lines",
    ),
)
"""Columns of a table whose money is in the currency of the feed."""
RATE_KNOWN = warn("exchange_rate_known", "lines_without_rate = 0")
"""The expectation of such a table."""


def is_rate_known() -> Column:
    """Whether no line of a row lacks a rate, so that its money is whole; true of a row without lines."""
    return F.coalesce("lines_without_rate", F.lit(0)) == 0


def feed_currency(feeds: Feeds) -> Column:
    """Return the currency of a row's feed; null for a feed without one."""
    own = [F.when(F.col("feed") == feed.name, F.lit(feed.currency).cast("string")) for feed in feeds]
    return F.coalesce(*own, F.lit(None).cast("string"))


def line_currency(feeds: Feeds) -> Column:
    """Return a row's `currency` in capitals, or else that of its feed."""
    return F.coalesce(F.upper("currency"), feed_currency(feeds))


def convert_currency(
    rows: DataFrame, periods: DataFrame, feeds: Feeds, *, day: str, amount: str, where: Column | None = None
) -> DataFrame:
    """Convert the column `amount` to the currency of the feed at the rate of the column `day`.

    That is the latest rate on or before the day (`periods` is `silver.exchange_rate_periods`). A converted amount is
    rounded to decimal(18,4), and less than ten billion, as that of a record is. Adds `lacks_rate`; the amount of such a
    row is null. Rows without `where` stay as they are. A row without a currency is in that of the feed. Where the feed
    has none, no row with a currency has a rate. `_foreign` and `_rate` are added too.
    """
    is_foreign = ~line_currency(feeds).eqNullSafe(feed_currency(feeds))
    is_converted = is_foreign if where is None else is_foreign & where
    marked = rows.withColumn("_foreign", F.when(is_converted, F.upper("currency")))
    versions = periods.select(
        "feed",
        F.col("currency").alias("_foreign"),
        F.col("first_date").alias("valid_from"),
        F.date_add("last_date", 1).alias("valid_to"),
        F.col("rate").alias("_rate"),
    )
    rated = asof_join(marked, versions, ["feed", "_foreign"], day, ["_rate"])
    converted = money.bounded(F.col(amount).cast(money.UNIT) * F.col("_rate"))
    value = F.when(F.col("_foreign").isNull(), F.col(amount)).otherwise(converted)
    is_unusable = F.col("_rate").isNull() | (F.col(amount).isNotNull() & converted.isNull())
    lacks_rate = F.col("_foreign").isNotNull() & is_unusable
    return rated.withColumns({amount: value, LACKS_RATE: lacks_rate})


def count_without_rate(where: Column | None = None) -> Column:
    """Count the rows of `convert_currency` that lack a rate, among those for which `where` is true."""
    lacks_rate = F.col(LACKS_RATE)
    return F.count_if(lacks_rate if where is None else lacks_rate & where).alias("lines_without_rate")

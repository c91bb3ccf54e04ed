"""Ad spend of a shop: streams and their mapping that any kind can have.

`spend/*.csv` has the columns in `FIELDS`: one line per local day, source, medium and campaign. Exports of Google Ads
(`google_ads/*.csv`) and of Meta Ads (`meta_ads/*.csv`) are read as they are: by day and campaign, in English, without
title and total lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.raw_record import RECORD, csv_record, parse_as, payload_hash, type_errors
from shoplake.declare import Stream
from shoplake.declare.kinds.mapped_columns import leaves_null
from shoplake.feeds.documents import with_problem

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feed

FIELDS = ("cost_date", "source", "medium", "campaign", "cost", "currency", "clicks", "impressions", "updated_at")
GOOGLE_FIELDS = ("Day", "Campaign", "Cost", "Currency code", "Clicks", "Impr.")
META_CURRENCIES = ("AUD", "BRL", "CAD", "CHF", "DKK", "EUR", "GBP", "INR", "JPY", "MXN", "NOK", "PLN", "SEK", "USD")
"""Meta Ads names the currency in the header: `Amount spent (GBP)`."""
META_AMOUNTS = tuple(f"Amount spent ({code})" for code in META_CURRENCIES)
META_FIELDS = ("Day", "Campaign name", *META_AMOUNTS, "Link clicks", "Impressions")
SEPARATED = r"^-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?\z"
"""A number with separators of thousands."""
NO_CAMPAIGN = "(none)"
KEY = ("cost_date", "source", "medium", "campaign", "currency")
SEVERAL_LINES = "one_line_per_campaign_and_day"
"""The problem of lines of a file that are several about one campaign and day, as in an export by device."""
GOOGLE, META = ("google", "cpc"), ("facebook", "paid_social")
"""Source and medium of the lines of an export."""


@leaves_null("channel", "source_file", "version_line")
def ad_costs(spend_raw: DataFrame, feed: Feed) -> DataFrame:
    """Map each line to the costs of a campaign on a day.

    A line without `updated_at` counts as published when it arrived, one without a currency is in the feed's. Different
    lines of a file about one campaign and day are parts of its costs, such as those by device: none of them counts.
    """
    names = tuple(dict.fromkeys(name.lower() for name in (*FIELDS, *GOOGLE_FIELDS, *META_FIELDS)))
    lines = spend_raw.withColumn("header", F.lower("header"))
    arrived_at = F.col(f"{RECORD}.ingested_at")
    return _each_once(_texts(csv_record(lines, names, strict=feed.is_strict), feed)).select(
        "feed",
        parse_as("cost_date", "date").alias("cost_date"),
        "source",
        "medium",
        "campaign",
        parse_as("cost", money.UNIT).alias("cost"),
        "currency",
        parse_as("clicks", "bigint").alias("clicks"),
        parse_as("impressions", "bigint").alias("impressions"),
        F.coalesce(parse_as("updated_at", "timestamp"), arrived_at).alias("updated_at"),
        payload_hash(),
        F.col(f"{RECORD}.batch_id").alias("batch_id"),
        arrived_at.alias("ingested_at"),
        RECORD,
        type_errors(cost_date="date", cost=money.UNIT, clicks="bigint", impressions="bigint", updated_at="timestamp"),
    )


def _texts(records: DataFrame, feed: Feed) -> DataFrame:
    """Return the fields of each line under the names in `FIELDS`, whichever export it is from."""
    is_google, is_meta = _is_in("google_ads/"), _is_in("meta_ads/")
    amounts = {code: F.col(f"`amount spent ({code.lower()})`") for code in META_CURRENCIES}
    meta_currency = F.coalesce(*[F.when(amount.isNotNull(), code) for code, amount in amounts.items()])
    source, medium = (
        F.when(is_google, google).when(is_meta, meta).otherwise(F.lower(name))
        for name, google, meta in zip(("source", "medium"), GOOGLE, META, strict=True)
    )
    return records.select(
        "feed",
        F.coalesce("cost_date", "day").alias("cost_date"),
        source.alias("source"),
        medium.alias("medium"),
        F.coalesce("campaign", "`campaign name`", F.lit(NO_CAMPAIGN)).alias("campaign"),
        _plain(F.coalesce("cost", *amounts.values())).alias("cost"),
        F.upper(F.coalesce("currency", "`currency code`", meta_currency, F.lit(feed.currency))).alias("currency"),
        _plain(F.coalesce("clicks", "`link clicks`")).alias("clicks"),
        _plain(F.coalesce("impressions", "`impr.`")).alias("impressions"),
        "updated_at",
        RECORD,
    )


def _each_once(lines: DataFrame) -> DataFrame:
    """Return the lines; different ones of a file that would be one row of the table have a problem."""
    place = [F.col(f"{RECORD}.{name}") for name in ("batch_id", "file")]
    same = Window.partitionBy("feed", *place, *KEY, "updated_at")
    text = F.xxhash64(f"{RECORD}.raw")
    lines = lines.withColumn("_differ", F.min(text).over(same) != F.max(text).over(same))
    return with_problem(lines, SEVERAL_LINES, F.col("cost_date").isNotNull() & F.col("_differ"))


def _is_in(folder: str) -> Column:
    return F.col(f"{RECORD}.file").startswith(folder)


def _plain(number: Column) -> Column:
    """Return a number without its separators of thousands, as in `1,234.50`."""
    return F.when(number.rlike(SEPARATED), F.replace(number, F.lit(","), F.lit(""))).otherwise(number)


SPEND = Stream("spend/*.csv", "csv", into="spend_raw", fields=FIELDS)
GOOGLE_ADS = Stream("google_ads/*.csv", "csv", into="spend_raw", fields=GOOGLE_FIELDS)
META_ADS = Stream("meta_ads/*.csv", "csv", into="spend_raw", fields=META_FIELDS)
STREAMS = (SPEND, GOOGLE_ADS, META_ADS)
MAPPING = {"ad_costs": {"spend_raw": ad_costs}}
"""To be merged into the mappings of a kind that has one of the streams."""

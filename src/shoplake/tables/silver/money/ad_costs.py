from pyspark.sql import DataFrame

from shoplake.columns.raw_record import LINEAGE_COLUMNS
from shoplake.columns.record_place import ARRIVAL_COLUMNS, with_arrival
from shoplake.declare import Feeds, Upsert, col, expect, not_negative, plausible_time, table
from shoplake.feeds.conform import conform
from shoplake.transforms.sales.channels import channel

COLUMNS = (
    col("feed", "string", "The feed", required=True),
    col("cost_date", "date", "The shop's local day on which the ads ran", required=True),
    col("source", "string", "Source of the visits that were paid for, as in `utm_source`", required=True),
    col("medium", "string", "Medium of the visits, as in `utm_medium`", required=True),
    col("campaign", "string", "Campaign, as in `utm_campaign`; (none) without one", required=True),
    col("channel", "string", "Channel of the source and medium, as in `silver.sessions`"),
    col("cost", "decimal(18,4)", "What the ads cost", unit="currency", required=True),
    col("currency", "string", "ISO 4217 code", required=True),
    col("clicks", "bigint", "Clicks on the ads; null if unknown", unit="clicks"),
    col("impressions", "bigint", "How often the ads were shown; null if unknown", unit="impressions"),
    col(
        "updated_at", "timestamp", "When the costs were published, or else when they arrived", unit="UTC", required=True
    ),
    *ARRIVAL_COLUMNS,
    *LINEAGE_COLUMNS,
)


@table(
    "silver",
    key=["feed", "cost_date", "source", "medium", "campaign", "currency"],
    write=Upsert(order_by="updated_at"),
    incremental="spend_raw",
    columns=COLUMNS,
    expectations=[
        not_negative("cost"),
        not_negative("clicks"),
        not_negative("impressions"),
        expect("currency_is_code", "currency RLIKE '^[A-Z][A-Z][A-Z]\\\\z'"),
        expect("cost_date_plausible", "cost_date >= DATE '1970-01-01' AND cost_date < DATE '2100-01-01'"),
        plausible_time("updated_at"),
    ],
)
def ad_costs(spend_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per feed, day, source, medium, campaign and currency with ad costs: the latest that were published.

    Ad networks correct the costs of past days: the greatest `updated_at` wins, without one the later arrival:
    the later run, and of one run the later file. Costs are in the currency of the network's bill, and not converted.
    """
    rows = with_arrival(conform("ad_costs", COLUMNS, feeds, spend_raw=spend_raw))
    return rows.withColumn("channel", channel("source", "medium").cast("string"))

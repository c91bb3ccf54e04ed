from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.web import STEPS
from shoplake.declare import Feeds, SessionWindow, agrees, col, table
from shoplake.transforms.sales.channels import channel
from shoplake.transforms.sales.convert_currency import CONVERTED_COLUMNS, RATE_KNOWN, convert_currency, feed_currency
from shoplake.transforms.sales.sales_metrics import SESSIONS
from shoplake.transforms.sessionize import FIRST_EVENT_COLUMNS, sessionize


@table(
    "silver",
    key=["feed", "session_id"],
    write=SessionWindow(
        key="visitor_id",
        event_time="event_at",
        event_date="event_date",
        start="started_at",
        end="ended_at",
        partition_by="session_date",
        gap_s=1800,
        input_partitions={"exchange_rate_periods": ("first_date", "last_date")},
    ),
    partition_by=["session_date"],
    incremental="events",
    columns=[
        col("feed", "string", "The feed"),
        col("session_id", "string", "A hash of the feed, the visitor and the start; stable across rebuilds"),
        col("visitor_id", "string", "The visitor"),
        col("customer_id", "string", "The visitor, if any of the events knows the customer; null for a device"),
        col("started_at", "timestamp", "Time of the first event", unit="UTC"),
        col("ended_at", "timestamp", "Time of the last event", unit="UTC"),
        col("session_date", "date", "The shop's local day of the start"),
        col("ended_date", "date", "The shop's local day of the end"),
        col("events", "bigint", "Number of events", unit="events"),
        col("page_views", "bigint", "Page views", unit="events"),
        col("product_views", "bigint", "Product views", unit="events"),
        col("add_to_carts", "bigint", "Add-to-cart events", unit="events"),
        col("checkouts", "bigint", "Checkout-started events", unit="events"),
        col("purchases", "bigint", "Purchase events", unit="events"),
        col(
            "revenue",
            "decimal(18,2)",
            "Revenue of its purchases: Σ quantity × unit price; null where no price or rate is known",
            unit="currency",
        ),
        col(
            "steps_reached",
            "int",
            "Funnel steps of the feed reached in order, each at or after the one before",
            unit="steps",
        ),
        col("landing_page", "string", "Page of the first event"),
        col("utm_source", "string", "Value of the first event"),
        col("utm_medium", "string", "Value of the first event"),
        col("utm_campaign", "string", "Value of the first event"),
        col("channel", "string", "The marketing channel of the first event's utm parameters; direct without any"),
        col("device", "string", "Value of the first event"),
        col("is_engaged", "boolean", "Longer than 10 s, or 2 page or product views, or a purchase"),
        col("is_bot", "boolean", "Whether any of its events is a bot's"),
        col("page_types", "array<string>", "Its first 6 kinds of page or cart action, consecutive repeats once"),
        *CONVERTED_COLUMNS,
    ],
    expectations=[RATE_KNOWN],
    metrics=SESSIONS,
    gates=[
        agrees(
            "all_events",
            "SELECT sum(events) FROM silver.sessions",
            "SELECT count(*) FROM silver.events",
        )
    ],
)
def sessions(events: DataFrame, exchange_rate_periods: DataFrame, *, feeds: Feeds, pause_s: int = 1800) -> DataFrame:
    """One row per session: a visitor's events until none follows for more than `pause_s` seconds.

    A gap of exactly `pause_s` continues the session; there is no cut at midnight and no maximum length. A session with
    one event lasts 0 s, because the reading time of the last page is unknown. Events at one time are ordered by id.
    """
    funnels = {feed.name: tuple(step for step in STEPS if step in feed.kind.funnel_steps) for feed in feeds}
    is_purchase = F.col("event_name") == "purchase"
    amount = F.when(is_purchase, F.coalesce("quantity", F.lit(1)) * F.col("unit_price"))
    with_revenue = convert_currency(
        events.withColumn("revenue", amount),
        exchange_rate_periods,
        feeds,
        day="event_date",
        amount="revenue",
        where=is_purchase,
    )
    rows = sessionize(with_revenue, funnels, tuple(COUNT_COLUMNS), pause_s)
    duration_us = F.unix_micros("ended_at") - F.unix_micros("started_at")
    is_engaged = (duration_us > 10_000_000) | (F.expr("page_view + product_view") >= 2) | (F.col("purchase") > 0)
    key = F.concat_ws("|", "feed", "visitor_id", F.unix_micros("started_at").cast("string"))
    first = {name: F.nullif(name, F.lit("")) for name in FIRST_EVENT_COLUMNS}
    revenue = F.coalesce("revenue", F.when(F.col("purchase") == 0, F.lit(0)))
    return rows.select(
        "feed",
        F.md5(key).alias("session_id"),
        "visitor_id",
        F.when(F.col("is_known"), F.col("visitor_id")).alias("customer_id"),
        *("started_at", "ended_at", "session_date", "ended_date", "events"),
        *[F.col(name).alias(named) for name, named in COUNT_COLUMNS.items()],
        revenue.cast(money.SUM).alias("revenue"),
        "steps_reached",
        first["page_url"].alias("landing_page"),
        *[first[name].alias(name) for name in ("utm_source", "utm_medium", "utm_campaign")],
        channel(first["utm_source"], first["utm_medium"]).alias("channel"),
        first["device"].alias("device"),
        is_engaged.alias("is_engaged"),
        "is_bot",
        "page_types",
        feed_currency(feeds).alias("currency"),
        "lines_without_rate",
    )


COUNT_COLUMNS = {
    "page_view": "page_views",
    "product_view": "product_views",
    "add_to_cart": "add_to_carts",
    "checkout_started": "checkouts",
    "purchase": "purchases",
}
"""Event names and the columns that count them."""

from pyspark.sql import DataFrame

from shoplake.columns.web import EVENT_NAMES
from shoplake.declare import Feeds, Upsert, col, expect, not_negative, one_of, plausible_time, table
from shoplake.feeds.conform import conform

COLUMNS = (
    col("feed", "string", "Which shop's stream", required=True),
    col("event_id", "string", "The event's own id, or a hash of its fields where the feed has none", required=True),
    col("event_at", "timestamp", "When it happened", unit="UTC", required=True),
    col("event_date", "date", "The shop's local day of `event_at`"),
    col("event_name", "string", "What happened, in the canonical spelling", required=True),
    col("visitor_id", "string", "The customer where known, else the browser or device", required=True),
    col("customer_id", "string", "The customer, where known"),
    col("session_id", "string", "The tracker's own session; kept, not trusted"),
    col("product_id", "string", "The product it is about"),
    col("quantity", "int", "How many", unit="pieces"),
    col("unit_price", "decimal(18,4)", "The price shown", unit="currency a piece"),
    col("order_id", "string", "The order a purchase belongs to"),
    col("currency", "string", "ISO 4217 code"),
    col("device", "string", "mobile, desktop, tablet; the user agent's, where the event does not say"),
    col("browser", "string", "The browser or app, by its user agent"),
    col("platform", "string", "web, ios, android"),
    col("page_url", "string", "The page it happened on"),
    col("utm_source", "string", "Who sent the visitor"),
    col("utm_medium", "string", "By which kind of link"),
    col("utm_campaign", "string", "For which campaign"),
    col("is_bot", "boolean", "A program, by its user agent; kept here, left out of gold's visitor measures"),
    col("payload_hash", "bigint", "xxHash64 of the raw record: tells an exact repeat from one that differs"),
    col("batch_id", "string", "The batch it arrived in"),
    col("ingested_at", "timestamp", "When that batch was taken in", unit="UTC"),
)


@table(
    "silver",
    key=["feed", "event_id"],
    write=Upsert(order_by="event_at", keep="first", dedup_window_days=7),
    partition_by=["event_date"],
    incremental="events_raw",
    columns=COLUMNS,
    expectations=[
        plausible_time("event_at"),
        one_of("event_name", *EVENT_NAMES),
        not_negative("unit_price"),
        expect("quantity_positive", "quantity IS NULL OR quantity > 0"),
    ],
)
def events(events_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per event, once, however often it arrived.

    Among repeats of an id the earliest `event_at` wins, then the smallest payload hash, whatever order they arrive in.
    Repeats are looked for within 7 days; of a longer chain of them, which rows stay can depend on the order.
    """
    return conform("events", COLUMNS, feeds, events_raw=events_raw)

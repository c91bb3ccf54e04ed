from pyspark.sql import DataFrame

from shoplake.columns.attributes import ATTRIBUTES
from shoplake.columns.raw_record import LINEAGE_COLUMNS
from shoplake.columns.web import EVENT_NAMES
from shoplake.declare import Feeds, Upsert, all_digits, col, expect, not_negative, one_of, plausible_time, table
from shoplake.feeds.conform import conform
from shoplake.feeds.rename_events import rename_events

COLUMNS = (
    col("feed", "string", "The feed", required=True),
    col("event_id", "string", "The event's id, or a hash of its fields where the feed has none", required=True),
    col("event_at", "timestamp", "Time of the event", unit="UTC", required=True),
    col("event_date", "date", "The shop's local day of `event_at`"),
    col("event_name", "string", "Event name in the canonical spelling", required=True),
    col("visitor_id", "string", "The customer where known, else the browser or device", required=True),
    col("customer_id", "string", "The customer, where known"),
    col("anonymous_id", "string", "The browser or device, where the tracker names it (personal data)"),
    col("session_id", "string", "The tracker's own session id; not used for sessions"),
    col("product_id", "string", "The product"),
    col("quantity", "int", "Quantity", unit="pieces"),
    col("unit_price", "decimal(18,4)", "The price shown", unit="currency per piece"),
    col("order_id", "string", "The order a purchase belongs to"),
    col("currency", "string", "ISO 4217 code"),
    col("device", "string", "mobile, desktop, tablet; from the user agent where the event has none"),
    col("browser", "string", "The browser or app, by its user agent"),
    col("platform", "string", "web, ios, android"),
    col("page_url", "string", "URL of the page"),
    col("utm_source", "string", "utm_source: the referring site or campaign source"),
    col("utm_medium", "string", "utm_medium: the kind of link"),
    col("utm_campaign", "string", "utm_campaign: the campaign"),
    col("is_bot", "boolean", "Whether it is a bot by its user agent; excluded from visitor measures of gold tables"),
    ATTRIBUTES,
    *LINEAGE_COLUMNS,
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
        *map(all_digits, ("event_id", "visitor_id", "product_id", "order_id")),
        not_negative("unit_price"),
        expect("quantity_positive", "quantity IS NULL OR quantity > 0"),
        expect("quantity_below_a_million", "quantity IS NULL OR quantity < 1000000"),
        expect("amount_below_ten_billion", "coalesce(quantity * unit_price < 10000000000, true)"),
    ],
)
def events(events_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per event, deduplicated by id.

    Among duplicates of an id the earliest `event_at` wins, then the smallest payload hash, independent of the order of
    arrival. Duplicates are found within 7 days; in a longer chain the result can depend on the order. A feed's own
    event names have the names that its settings give them.
    """
    return rename_events(conform("events", COLUMNS, feeds, events_raw=events_raw), feeds)

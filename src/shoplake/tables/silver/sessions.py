from collections.abc import Iterable

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.web import STEPS, channel
from shoplake.declare import Feeds, Rework, col, table


@table(
    "silver",
    key=["feed", "session_id"],
    write=Rework(
        of="visitor_id",
        at="event_at",
        day="event_date",
        starts="started_at",
        ends="ended_at",
        by="session_date",
        within_s=1800,
    ),
    partition_by=["session_date"],
    streams="events",
    columns=[
        col("feed", "string", "Which shop's stream"),
        col("session_id", "string", "Made of the visitor and the start, so that the same visit has the same id"),
        col("visitor_id", "string", "Whose visit it is"),
        col("started_at", "timestamp", "Its first event", unit="UTC"),
        col("ended_at", "timestamp", "Its last event", unit="UTC"),
        col("session_date", "date", "The shop's local day of the start"),
        col("ended_date", "date", "The shop's local day of the end"),
        col("events", "bigint", "Events in it", unit="events"),
        col("page_views", "bigint", "Pages seen", unit="events"),
        col("product_views", "bigint", "Product views", unit="events"),
        col("add_to_carts", "bigint", "Times something was put into the cart", unit="events"),
        col("checkouts", "bigint", "Times the checkout was started", unit="events"),
        col("purchases", "bigint", "Purchase events", unit="events"),
        col(
            "revenue",
            "decimal(18,2)",
            "Of its purchases: Σ quantity × unit price; null if no price is said",
            unit="currency",
        ),
        col(
            "steps_reached",
            "int",
            "Funnel steps of the feed reached in order, each at or after the one before",
            unit="steps",
        ),
        col("landing_page", "string", "The page of the first event"),
        col("utm_source", "string", "Of the first event"),
        col("utm_medium", "string", "Of the first event"),
        col("utm_campaign", "string", "Of the first event"),
        col("channel", "string", "The marketing channel of the first event's utm parameters; direct without any"),
        col("device", "string", "Of the first event"),
        col("is_engaged", "boolean", "Longer than 10 s, or 2 page or product views, or a purchase"),
        col("is_bot", "boolean", "Whether any of its events says it is a program"),
    ],
)
def sessions(events: DataFrame, *, feeds: Feeds, pause_s: int = 1800) -> DataFrame:
    """One row a visit: a visitor's events until none follows for more than `pause_s` seconds.

    Exactly `pause_s` continues the visit; there is no cut at midnight and no longest visit. A visit of one event lasts
    0 s: nobody knows how long the last page was read. Events at one moment are ordered by their id.
    """
    visits = _summed(_numbered(events, pause_s), feeds)
    lasted = F.unix_micros("ended_at") - F.unix_micros("started_at")
    is_engaged = (lasted > 10_000_000) | (F.expr("page_views + product_views") >= 2) | (F.col("purchases") > 0)
    key = F.concat_ws("|", "feed", "visitor_id", F.unix_micros("started_at").cast("string"))
    told = {name: F.nullif(F.get("_first", F.lit(place)), F.lit("")) for place, name in enumerate(FIRST.values())}
    return visits.select(
        "feed",
        F.md5(key).alias("session_id"),
        "visitor_id",
        "started_at",
        "ended_at",
        "session_date",
        "ended_date",
        "events",
        *COUNTED.values(),
        "revenue",
        _reached().alias("steps_reached"),
        *[told[name].alias(name) for name in ("landing_page", "utm_source", "utm_medium", "utm_campaign")],
        channel(told["utm_source"], told["utm_medium"]).alias("channel"),
        told["device"].alias("device"),
        is_engaged.alias("is_engaged"),
        "is_bot",
    )


FIRST = {
    "page_url": "landing_page",
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "device": "device",
}
SEPARATOR = "\x1f"
"""Between the texts of a visit's first event, which are carried as one: five cost as much as all the rest."""
COUNTED = {
    "page_view": "page_views",
    "product_view": "product_views",
    "add_to_cart": "add_to_carts",
    "checkout_started": "checkouts",
    "purchase": "purchases",
}


def _summed(events: DataFrame, feeds: Feeds) -> DataFrame:
    """The numbered events, summed up by visit."""
    is_purchase = F.col("event_name") == "purchase"
    bought = F.sum(F.when(is_purchase, F.coalesce("quantity", F.lit(1)) * F.col("unit_price")))
    nothing = F.when(F.count_if(is_purchase) == 0, F.lit(0))
    return events.groupBy("feed", "visitor_id", "_visit").agg(
        F.min("event_at").alias("started_at"),
        F.max("event_at").alias("ended_at"),
        _of_first("event_date").alias("session_date"),
        F.max("event_date").alias("ended_date"),
        F.count("*").alias("events"),
        *[_count(name).alias(named) for name, named in COUNTED.items()],
        F.coalesce(bought, nothing).cast(money.SUM).alias("revenue"),
        F.array_sort(F.collect_list(_step(feeds))).alias("_steps"),
        F.split(F.max(F.when(F.col("_is_first"), _joined(FIRST))), SEPARATOR).alias("_first"),
        (F.count_if("is_bot") > 0).alias("is_bot"),
    )


def _numbered(events: DataFrame, pause_s: int) -> DataFrame:
    """The events with the number of the visit they are in, by visitor, and whether they begin it."""
    in_time = Window.partitionBy("feed", "visitor_id").orderBy("event_at", "event_id")
    pause = F.unix_micros("event_at") - F.unix_micros(F.lag("event_at").over(in_time))
    is_first = pause.isNull() | (pause > pause_s * 1_000_000)
    begun = events.withColumn("_is_first", is_first)
    return begun.withColumn("_visit", F.sum(F.col("_is_first").cast("int")).over(in_time))


def _joined(names: Iterable[str]) -> Column:
    texts = [F.coalesce(F.replace(name, F.lit(SEPARATOR), F.lit("")), F.lit("")) for name in names]
    return F.concat_ws(SEPARATOR, *texts)


def _of_first(name: str) -> Column:
    return F.max(F.when(F.col("_is_first"), F.col(name)))


def _count(name: str) -> Column:
    return F.count_if(F.col("event_name") == name)


def _step(feeds: Feeds) -> Column:
    """When which step of its feed's funnel an event is, from 1; null for other events."""
    number = F.lit(None).cast("int")
    for feed in feeds:
        for place, step in enumerate((step for step in STEPS if step in feed.kind.steps), start=1):
            number = F.when((F.col("feed") == feed.name) & (F.col("event_name") == step), place).otherwise(number)
    return F.when(number.isNotNull(), F.struct(F.unix_micros("event_at").alias("at"), number.alias("step")))


def _reached() -> Column:
    """How far the steps go in order: at each moment lower steps come first, and only the next one counts."""
    return F.expr("aggregate(_steps, 0, (reached, next) -> if(next.step = reached + 1, next.step, reached))").cast(
        "int"
    )

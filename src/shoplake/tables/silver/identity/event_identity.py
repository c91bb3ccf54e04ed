from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.identity import NONE, OWN
from shoplake.transforms.interval_join import interval_join

BYTES_PER_EVENT = 100
"""Of memory, as most of it is sorted: 24 M events with 3 GiB took two thirds of the CPU seconds of eight parts."""
FACTS = ("person_id", "match")


@table(
    "silver",
    key=["feed", "event_id", "event_date"],
    write=Replace(
        partition_by="event_date",
        input_partitions={"session_identity": ("session_date", "ended_date")},
        bytes_per_row=BYTES_PER_EVENT,
    ),
    partition_by=["event_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("event_id", "string", "The event"),
        col("event_date", "date", "The shop's local day of the event"),
        col("visitor_id", "string", "The customer where known, else the browser or device"),
        col("person_id", "string", "The customer; the visitor where `match` is none"),
        col("match", "string", "How the person is known: own, session, backward or none"),
    ],
)
def event_identity(events: DataFrame, session_identity: DataFrame) -> DataFrame:
    """One row per event with the person it belongs to.

    An event that names its customer is `own`; every other one has the person and the match of its session, as
    `silver.session_identity` defines them.
    """
    narrow = events.select("feed", "event_id", "event_at", "event_date", "visitor_id", "customer_id")
    matched = session_identity.where(F.col("match") != NONE).select(
        "feed",
        F.col("visitor_id").alias("_anonymous"),
        "started_at",
        "ended_at",
        "person_id",
        "match",
    )
    anonymous = F.when(F.col("customer_id").isNull(), F.col("visitor_id"))
    joined = interval_join(
        narrow.withColumn("_anonymous", anonymous), matched, ["feed", "_anonymous"], "event_at", FACTS
    )
    return joined.select(
        "feed",
        "event_id",
        "event_date",
        "visitor_id",
        F.coalesce("customer_id", "person_id", "visitor_id").alias("person_id"),
        F.when(F.col("customer_id").isNotNull(), OWN).otherwise(F.coalesce("match", F.lit(NONE))).alias("match"),
    )

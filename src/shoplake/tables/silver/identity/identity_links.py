from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table


@table(
    "silver",
    key=["feed", "anonymous_id", "customer_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("anonymous_id", "string", "The browser or device (personal data)"),
        col("customer_id", "string", "The customer"),
        col("first_seen_at", "timestamp", "The first event with both", unit="UTC"),
        col("last_seen_at", "timestamp", "The last event with both", unit="UTC"),
        col("first_seen_date", "date", "The shop's local day of `first_seen_at`"),
        col("events", "bigint", "Events with both", unit="events"),
        col("is_shared", "boolean", "Whether the device has events of several customers"),
    ],
)
def identity_links(device_logins: DataFrame) -> DataFrame:
    """One row per device and customer that have an event in common: the evidence that a customer uses a device.

    Links form stars around a device and are never followed from one customer to another: a device that several
    customers use merges none of them. Common variants map a device to its last customer, or join customers that
    share a device to one person; both move history between people.
    """
    links = device_logins.groupBy("feed", "anonymous_id", "customer_id").agg(
        F.min("first_seen_at").alias("first_seen_at"),
        F.max("last_seen_at").alias("last_seen_at"),
        F.min("login_date").alias("first_seen_date"),
        F.sum("events").cast("bigint").alias("events"),
    )
    is_shared = F.count("*").over(Window.partitionBy("feed", "anonymous_id")) > 1
    return links.select(
        "feed",
        "anonymous_id",
        "customer_id",
        "first_seen_at",
        "last_seen_at",
        "first_seen_date",
        "events",
        is_shared.alias("is_shared"),
    )

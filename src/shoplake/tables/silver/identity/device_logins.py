from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.identity import login_slots


@table(
    "silver",
    key=["feed", "anonymous_id", "customer_id", "login_date", "slot"],
    write=Replace(partition_by="login_date", input_partitions={"events": "event_date"}),
    partition_by=["login_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("anonymous_id", "string", "The browser or device (personal data)"),
        col("customer_id", "string", "The customer"),
        col("login_date", "date", "The shop's local day"),
        col("slot", "bigint", "Number of the half hour since 1970 (UTC)", unit="half hours"),
        col("first_seen_at", "timestamp", "The first logged-in event of the slot", unit="UTC"),
        col("last_seen_at", "timestamp", "The last logged-in event of the slot", unit="UTC"),
        col("events", "bigint", "Logged-in events", unit="events"),
        col("first_session_date", "date", "The first day of a session that it can matter to"),
        col("last_session_date", "date", "The last day of a session that it can matter to"),
    ],
)
def device_logins(events: DataFrame) -> DataFrame:
    """One row per device, customer, day and half hour with logged-in events: events with a device and a customer.

    It is the additive state of `silver.identity_links` and of the matches in `silver.session_identity`.
    """
    return login_slots(events).select(
        "feed",
        "anonymous_id",
        "customer_id",
        "login_date",
        "slot",
        "first_seen_at",
        "last_seen_at",
        "events",
        F.date_sub("login_date", 2).alias("first_session_date"),
        F.date_add("login_date", 1).alias("last_session_date"),
    )

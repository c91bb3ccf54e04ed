from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import RebuildKeys, Replace, col, table
from shoplake.transforms.sales.channels import is_returning_from_payment, is_self_referral

WINDOW_DAYS = 30
SESSION = ("feed", "session_id")
BY_SESSION = RebuildKeys(SESSION, dict.fromkeys(("sessions", "session_identity"), SESSION))


@table(
    "gold",
    key=["feed", "session_id"],
    write=Replace(partition_by="session_date", rebuild_keys=BY_SESSION),
    partition_by=["session_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("session_id", "string", "The session of `silver.sessions`"),
        col("person_id", "string", "The person it belongs to"),
        col("touched_at", "timestamp", "Start of the session", unit="UTC"),
        col("session_date", "date", "The shop's local day of the start"),
        col("ended_date", "date", "The shop's local day of the end"),
        col("last_order_date", "date", "The last day of orders that it can lead to, 31 days later"),
        col("channel", "string", "Marketing channel of its source and medium"),
        col("source", "string", "utm_source of its first event"),
        col("medium", "string", "utm_medium of its first event"),
        col("campaign", "string", "utm_campaign of its first event"),
        col("is_touch", "boolean", "False for bots, returns from a payment provider and self-referrals"),
    ],
)
def session_touches(sessions: DataFrame, session_identity: DataFrame) -> DataFrame:
    """One row per session: the person, the marketing channel, and whether it can be a touch of an order.

    A session that comes from a payment provider or from the shop's own site has brought nobody and is no touch.
    """
    persons = session_identity.select("feed", "session_id", "person_id")
    is_returning = is_returning_from_payment("utm_source") | is_self_referral("utm_source", "landing_page")
    return sessions.join(persons, on=["feed", "session_id"], how="left").select(
        "feed",
        "session_id",
        F.coalesce("person_id", "visitor_id").alias("person_id"),
        F.col("started_at").alias("touched_at"),
        "session_date",
        "ended_date",
        F.date_add("session_date", WINDOW_DAYS + 1).alias("last_order_date"),
        "channel",
        F.col("utm_source").alias("source"),
        F.col("utm_medium").alias("medium"),
        F.col("utm_campaign").alias("campaign"),
        (~F.col("is_bot") & ~is_returning).alias("is_touch"),
    )

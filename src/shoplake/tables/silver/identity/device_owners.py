from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.identity import BACKWARD_DAYS


@table(
    "silver",
    key=["feed", "anonymous_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("anonymous_id", "string", "The browser or device (personal data)"),
        col("customer_id", "string", "Its only customer"),
        col("first_seen_at", "timestamp", "The customer's first event on it", unit="UTC"),
        col("first_session_date", "date", "The first day of a session that it can matter to"),
        col("last_session_date", "date", "The last day of a session that it can matter to"),
    ],
)
def device_owners(identity_links: DataFrame) -> DataFrame:
    """One row per device that knows exactly one customer; earlier anonymous sessions on it belong to that customer.

    A row changes only with the first login or when a second customer appears, so that later logins leave old sessions
    as they are.
    """
    return identity_links.where(~F.col("is_shared")).select(
        "feed",
        "anonymous_id",
        "customer_id",
        "first_seen_at",
        F.date_sub("first_seen_date", BACKWARD_DAYS + 1).alias("first_session_date"),
        F.col("first_seen_date").alias("last_session_date"),
    )

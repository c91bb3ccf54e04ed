from pyspark.sql import DataFrame

from shoplake.declare import Feeds, History, col, email, plausible_time, table
from shoplake.feeds.shaped import shaped

CHANGES = (
    col("feed", "string", "Which shop's stream", required=True),
    col("customer_id", "string", "The shop's customer number", required=True),
    col("signup_date", "date", "The day they signed up, as the shop wrote it"),
    col("location", "string", "Where they live, as the shop wrote it"),
    col("email", "string", "Their e-mail address (personal data)"),
    col("phone", "string", "Their telephone number (personal data)"),
    col("updated_at", "timestamp", "When this last changed", unit="UTC", required=True),
)
VERSIONS = (
    *CHANGES[:-1],
    col("valid_from", "timestamp", "The first moment this version was true", unit="UTC"),
    col("valid_to", "timestamp", "The first moment it no longer was; null while it is", unit="UTC"),
    col("is_current", "boolean", "Whether it is true now"),
)


@table(
    "silver",
    key=["feed", "customer_id", "valid_from"],
    write=History(changed_at="updated_at"),
    changes=CHANGES,
    columns=VERSIONS,
    expects=[plausible_time("updated_at"), email("email")],
)
def customers(customers_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row a version of a customer, made from snapshots: a snapshot that changes nothing makes none."""
    return shaped("customers", CHANGES, feeds, customers_raw=customers_raw)

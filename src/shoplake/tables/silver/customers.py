from pyspark.sql import DataFrame

from shoplake.declare import VALIDITY, Feeds, Scd2, col, email, operation, plausible_time, table
from shoplake.feeds.conform import conform

FACTS = (
    col("feed", "string", "Which shop's stream", required=True),
    col("customer_id", "string", "The shop's customer number", required=True),
    col("signup_date", "date", "The day they signed up, as the shop wrote it"),
    col("location", "string", "Where they live, as the shop wrote it"),
    col("email", "string", "Their e-mail address (personal data)"),
    col("phone", "string", "Their telephone number (personal data)"),
)
CHANGES = (
    *FACTS,
    col("updated_at", "timestamp", "When this last changed", unit="UTC", required=True),
    col("operation", "string", "insert, update, delete; null in a snapshot"),
    col("sequence", "bigint", "The change's number at its source: of one moment the greatest counts", unit="changes"),
)


@table(
    "silver",
    key=["feed", "customer_id", "valid_from"],
    write=Scd2(effective_at="updated_at", operation="operation", sequence_by="sequence"),
    partition_by=["valid_to_month"],
    incremental=["customers_raw", "customer_changes_raw"],
    change_columns=CHANGES,
    columns=(*FACTS, *VALIDITY),
    expectations=[plausible_time("updated_at"), email("email"), operation("operation")],
)
def customers(customers_raw: DataFrame, customer_changes_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per version of a customer, made from snapshots and from changes alike; what changes nothing makes none.

    A version is true from `valid_from` up to, not including, `valid_to`. A deletion ends the last version without a
    next; a customer who returns has a version again, with a gap before it. Changes find their place in time, however
    late they come.
    """
    raw = {"customers_raw": customers_raw, "customer_changes_raw": customer_changes_raw}
    return conform("customers", CHANGES, feeds, **raw)

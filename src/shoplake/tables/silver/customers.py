from pyspark.sql import DataFrame

from shoplake.columns.attributes import ATTRIBUTES
from shoplake.declare import VALIDITY, Feeds, Scd2, all_digits, col, email, operation, plausible_time, table
from shoplake.feeds.conform import conform

FACTS = (
    col("feed", "string", "The feed", required=True),
    col("customer_id", "string", "The shop's customer number", required=True),
    col("signup_date", "date", "Sign-up date as recorded by the shop"),
    col("location", "string", "Location as recorded by the shop (personal data)", personal="location"),
    col("email", "string", "E-mail address (personal data)", personal="email"),
    col("phone", "string", "Telephone number (personal data)", personal="phone"),
    ATTRIBUTES,
)
CHANGES = (
    *FACTS,
    col("updated_at", "timestamp", "When this last changed", unit="UTC", required=True),
    col("operation", "string", "insert, update, delete; null in a snapshot"),
    col(
        "sequence", "bigint", "Sequence number at the source: of changes at one time the greatest wins", unit="changes"
    ),
)


@table(
    "silver",
    key=["feed", "customer_id", "valid_from"],
    write=Scd2(effective_at="updated_at", operation="operation", sequence_by="sequence"),
    partition_by=["valid_to_month"],
    incremental=["customers_raw", "customer_changes_raw"],
    change_columns=CHANGES,
    columns=(*FACTS, *VALIDITY),
    expectations=[plausible_time("updated_at"), email("email"), operation("operation"), all_digits("customer_id")],
)
def customers(customers_raw: DataFrame, customer_changes_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per customer version (SCD type 2) from snapshots and change feeds; no-op changes create no version.

    A version is valid from `valid_from` up to, not including, `valid_to`. A deletion ends the last version; a customer
    who returns has a new version after a gap. Late changes are inserted at their time.
    """
    raw = {"customers_raw": customers_raw, "customer_changes_raw": customer_changes_raw}
    return conform("customers", CHANGES, feeds, **raw)

from pyspark.sql import DataFrame

from shoplake.declare import RebuildKeys, Replace, col, table
from shoplake.transforms.customers.identity import match_sessions

SPAN = ("first_session_date", "last_session_date")
DEVICE = ("feed", "anonymous_id")
VISITOR = ("feed", "visitor_id")
BYTES_PER_ROW = 100
"""Of memory, as most of it is sorted: 24 M events with 3 GiB took three quarters of the CPU seconds of three parts."""
BY_VISITOR = RebuildKeys(VISITOR, {"sessions": VISITOR, "device_logins": DEVICE, "device_owners": DEVICE})


@table(
    "silver",
    key=["feed", "session_id"],
    write=Replace(
        partition_by="session_date",
        input_partitions={"device_logins": SPAN, "device_owners": SPAN},
        rebuild_keys=BY_VISITOR,
        bytes_per_row=BYTES_PER_ROW,
    ),
    partition_by=["session_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("session_id", "string", "The session of `silver.sessions`"),
        col("visitor_id", "string", "The visitor"),
        col("started_at", "timestamp", "Time of the first event", unit="UTC"),
        col("ended_at", "timestamp", "Time of the last event", unit="UTC"),
        col("session_date", "date", "The shop's local day of the start"),
        col("ended_date", "date", "The shop's local day of the end"),
        col("person_id", "string", "The customer; the visitor where `match` is none"),
        col("match", "string", "How the person is known: own, session, backward or none"),
    ],
)
def session_identity(sessions: DataFrame, device_logins: DataFrame, device_owners: DataFrame) -> DataFrame:
    """One row per session with the person it belongs to.

    `own`: an event of the session names the customer. `session`: the visit goes on as that of a customer before or
    after a login: the device's logged-in events from 30 minutes before the session to 30 minutes after it (and at most
    24 hours after its start) are of one customer. `backward`: the session starts at most 30 days before the first login
    of a device that knows one customer. `none`: the person is the visitor itself. The first that is true counts. A
    device never merges two customers; a second customer on a device ends its backward matches.
    """
    narrow = sessions.select(
        "feed", "session_id", "visitor_id", "customer_id", "started_at", "ended_at", "session_date", "ended_date"
    )
    return match_sessions(narrow, device_logins, device_owners).select(
        "feed",
        "session_id",
        "visitor_id",
        "started_at",
        "ended_at",
        "session_date",
        "ended_date",
        "person_id",
        "match",
    )

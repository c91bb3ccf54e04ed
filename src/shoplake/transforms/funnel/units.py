"""Which session and which person an event belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def add_session(events: DataFrame, sessions: DataFrame) -> DataFrame:
    """Replace the tracker's `session_id` of `events` by that of the session in `sessions` that contains the event."""
    spans = sessions.select(
        F.col("feed").alias("_feed"), F.col("visitor_id").alias("_visitor"), "session_id", "started_at", "ended_at"
    )
    is_same_visitor = (F.col("feed") == F.col("_feed")) & (F.col("visitor_id") == F.col("_visitor"))
    is_within = F.col("event_at").between(F.col("started_at"), F.col("ended_at"))
    joined = events.drop("session_id").join(spans, on=is_same_visitor & is_within, how="left")
    return joined.drop("_feed", "_visitor", "started_at", "ended_at")


def add_person(events: DataFrame, session_identity: DataFrame) -> DataFrame:
    """Add the `person_id` of the event's session; the visitor where the session has none."""
    persons = session_identity.select("feed", "session_id", F.col("person_id").alias("_person"))
    joined = events.join(persons, on=["feed", "session_id"], how="left")
    return joined.withColumn("person_id", F.coalesce("_person", "visitor_id")).drop("_person")

"""Identity: which customer a device belongs to, as links from one device to customers; links never join two customers.

Evidence are logged-in events: those that carry both a device and a customer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SLOT_S = 1800
"""Logged-in events are aggregated by slots of so many seconds, at most the pause that ends a session."""
REACH_S = 1800
"""A logged-in event belongs to sessions that begin or end at most so many seconds away."""
DAY_S = 86_400
LONGEST_S = DAY_S
"""A logged-in event counts for a session up to so many seconds after the session's start."""
BACKWARD_DAYS = 30
"""A session belongs to the device's only customer if it starts at most so many days before the first login."""
OWN, SESSION, BACKWARD, NONE = "own", "session", "backward", "none"
MICROS = 1_000_000


def login_slots(events: DataFrame) -> DataFrame:
    """Aggregate logged-in events to one row per device, customer, local day and half hour.

    An interval that is longer than a slot contains one of a slot's events where it overlaps the slot.
    """
    is_login = F.col("anonymous_id").isNotNull() & F.col("customer_id").isNotNull()
    slot = F.floor(F.unix_micros("event_at") / F.lit(SLOT_S * MICROS)).cast("bigint")
    return (
        events.where(is_login)
        .groupBy("feed", "anonymous_id", "customer_id", F.col("event_date").alias("login_date"), slot.alias("slot"))
        .agg(
            F.min("event_at").alias("first_seen_at"),
            F.max("event_at").alias("last_seen_at"),
            F.count("*").alias("events"),
        )
    )


def match_sessions(sessions: DataFrame, logins: DataFrame, owners: DataFrame) -> DataFrame:
    """Add `person_id` and `match` to sessions, and columns that begin with `_`.

    `own`: an event of the session knows the customer. `session`: the logged-in events of the device from `REACH_S`
    before the session to `REACH_S` after it, at most `LONGEST_S` after its start, are of one customer. `backward`: the
    session starts before the first login of a device that knows one customer, at most `BACKWARD_DAYS` before. `none`:
    the person is the visitor. The first that is true counts. `logins` are login slots, `owners` one row per device.
    """
    known = _customers_nearby(sessions.where(F.col("customer_id").isNull()), logins)
    owned = owners.select(
        F.col("feed").alias("_feed"),
        F.col("anonymous_id").alias("_device"),
        F.col("customer_id").alias("_owner"),
        F.unix_micros("first_seen_at").alias("_first"),
    )
    is_owned = (F.col("feed") == F.col("_feed")) & (F.col("visitor_id") == F.col("_device"))
    joined = sessions.join(known, on=["feed", "session_id"], how="left").join(owned, on=is_owned, how="left")
    lead = F.col("_first") - F.unix_micros("started_at")
    is_backward = (lead > 0) & (lead <= BACKWARD_DAYS * DAY_S * MICROS)
    match = (
        F.when(F.col("customer_id").isNotNull(), OWN)
        .when(F.col("_nearby").isNotNull(), SESSION)
        .when(is_backward, BACKWARD)
        .otherwise(NONE)
    )
    person = (
        F.when(F.col("match") == SESSION, F.col("_nearby"))
        .when(F.col("match") == BACKWARD, F.col("_owner"))
        .otherwise(F.coalesce("customer_id", "visitor_id"))
    )
    return joined.withColumn("match", match).withColumn("person_id", person)


def _customers_nearby(sessions: DataFrame, logins: DataFrame) -> DataFrame:
    """Return the sessions whose logins nearby are of one customer, with that customer as `_nearby`."""
    slots = logins.select(
        F.col("feed").alias("_feed"),
        F.col("anonymous_id").alias("_device"),
        F.col("customer_id").alias("_customer"),
        F.unix_micros("first_seen_at").alias("_first"),
        F.unix_micros("last_seen_at").alias("_last"),
    )
    started, ended = F.unix_micros("started_at"), F.unix_micros("ended_at")
    is_device = (F.col("feed") == F.col("_feed")) & (F.col("visitor_id") == F.col("_device"))
    latest = F.least(ended + REACH_S * MICROS, started + LONGEST_S * MICROS)
    is_near = (F.col("_last") >= started - REACH_S * MICROS) & (F.col("_first") <= latest)
    nearby = sessions.join(slots, on=is_device & is_near, how="inner").groupBy("feed", "session_id")
    customers = nearby.agg(F.min("_customer").alias("_nearby"), F.max("_customer").alias("_other"))
    return customers.where(F.col("_nearby") == F.col("_other")).select("feed", "session_id", "_nearby")

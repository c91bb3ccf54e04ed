"""The hot path: events within seconds of their arrival, before silver and gold are up to date. Provisional."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import Append, Table
from shoplake.engine.session.capabilities import SPARK, writer
from shoplake.engine.session.spark.connection import set_retry_policy
from shoplake.engine.storage import filesystem
from shoplake.engine.storage.writer_lock import WriterLock
from shoplake.tables.silver.events import COLUMNS, events
from shoplake.transforms.expectations import split_valid

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Feeds

LIVE_COLUMNS = (
    "feed",
    "event_id",
    "event_at",
    "event_date",
    "event_name",
    "visitor_id",
    "product_id",
    "is_bot",
    "ingested_at",
)
RETENTION_DAYS = 2
COMPACT_EVERY = 100
"""Batches."""


def events_live(events_raw: DataFrame, *, feeds: Feeds, late_s: float) -> DataFrame:
    """One row per event as `shoplake stream` first saw it, seconds after it arrived and before any other table has it.

    Provisional: of repeats the first to arrive stays, an event that comes later than the watermark allows is not here,
    and days before the last two are taken out now and then. silver.events has every event, and its winner. Nothing is
    built from this table; it may be deleted at any time.
    """
    good, _ = split_valid(events(events_raw, feeds=feeds), events.expectations)
    clock = F.least("event_at", "ingested_at")  # an event from the future must not make all others late
    timed = good.withColumn("_clock", clock).withWatermark("_clock", f"{round(late_s * 1000)} milliseconds")
    return timed.dropDuplicatesWithinWatermark(["feed", "event_id"]).select(*LIVE_COLUMNS)


EVENTS_LIVE: Table[...] = Table(
    events_live,
    "ops",
    tuple(column for name in LIVE_COLUMNS for column in COLUMNS if column.name == name),
    Append(),
    key=("feed", "event_id"),
    partition_by=("event_date",),
)


@dataclass(frozen=True)
class AppendLiveEvents:
    """Puts each batch of live events into their table; on the server, in a process of its own.

    A batch that comes again is not written again: Delta keeps the number of the last one beside the rows. When its
    lease has ended, so does it.
    """

    lake: str
    lease: str
    checkpoint: str

    def __call__(self, rows: DataFrame, number: int) -> None:
        """Write batch `number`."""
        set_retry_policy(rows.sparkSession)
        WriterLock(self.lake, self.lease).check()
        at = f"{self.lake}/{EVENTS_LIVE.path}"
        once = {"txnAppId": _id(self.checkpoint), "txnVersion": str(number)}
        writer(rows.coalesce(1), SPARK, "append", EVENTS_LIVE.partition_by, **once).save(at)
        if number % COMPACT_EVERY == COMPACT_EVERY - 1:
            compact(rows.sparkSession, at)


def compact(session: SparkSession, at: str) -> None:
    """Take out the days that are over, and put small files together."""
    sql = session.sql
    last = sql(f"SELECT max(event_date) FROM delta.`{at}`").collect()[0][0]
    if last is not None:
        sql(f"DELETE FROM delta.`{at}` WHERE event_date < date_sub(DATE '{last}', {RETENTION_DAYS - 1})").collect()
        sql(f"OPTIMIZE delta.`{at}`").collect()


def _id(checkpoint: str) -> str:
    """What tells one life of a query from another: a checkpoint that was lost begins at batch 0 again."""
    where, name = filesystem.filesystem_for(f"{checkpoint}/metadata")
    with where.open_input_stream(name) as stream:
        return str(json.loads(bytes(stream.read()))["id"])

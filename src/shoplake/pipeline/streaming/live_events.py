"""Live events: each event within seconds of its arrival, before silver and gold are up to date. Provisional."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.declare import Append, Table
from shoplake.engine import SPARK, WriterLock, filesystem_for, set_retry_policy, writer
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
COMPACT_EVERY_BATCHES = 100


def live_events_table(events: Table[...]) -> Table[...]:
    """Return the table `ops.events_live` for a table of events; it declares the same columns as that one."""

    def events_live(events_raw: DataFrame, *, feeds: Feeds, late_s: float) -> DataFrame:
        """One row per event as `shoplake stream` first saw it, seconds after its arrival, before other tables have it.

        Provisional: of repeats the first to arrive stays, an event later than the watermark allows is missing, and days
        before the last two are deleted now and then. silver.events has every event, and its winner. Nothing is built
        from this table; it may be deleted at any time.
        """
        valid, _ = split_valid(events(events_raw, feeds=feeds), events.expectations, (RECORD, TYPE_ERRORS))
        clock = F.least("event_at", "ingested_at")  # an event from the future must not make all others late
        timed = valid.withColumn("_clock", clock).withWatermark("_clock", f"{round(late_s * 1000)} milliseconds")
        return timed.dropDuplicatesWithinWatermark(["feed", "event_id"]).select(*LIVE_COLUMNS)

    columns = {column.name: column for column in events.columns}
    return Table(
        events_live,
        "ops",
        tuple(columns[name] for name in LIVE_COLUMNS),
        Append(),
        key=("feed", "event_id"),
        partition_by=("event_date",),
    )


@dataclass(frozen=True)
class AppendLiveEvents:
    """Appends each micro-batch of live events to their table; runs on the server, in a process of its own.

    A batch that is repeated is not written again: Delta keeps the number of the last one beside the rows. The query
    fails once its lease has ended.
    """

    lake: str
    lease: str
    checkpoint: str
    table_path: str = "ops/events_live"
    partition_by: tuple[str, ...] = ("event_date",)
    compact_every: int = COMPACT_EVERY_BATCHES

    def __call__(self, rows: DataFrame, number: int) -> None:
        """Write batch `number`."""
        set_retry_policy(rows.sparkSession)
        WriterLock(self.lake, self.lease).check()
        path = f"{self.lake}/{self.table_path}"
        transaction = {"txnAppId": _query_id(self.checkpoint), "txnVersion": str(number)}
        writer(rows.coalesce(1), SPARK, "append", self.partition_by, **transaction).save(path)
        if number % self.compact_every == self.compact_every - 1:
            compact(rows.sparkSession, path)


def compact(session: SparkSession, path: str) -> None:
    """Delete the days before the last `RETENTION_DAYS`, and compact small files."""
    last = session.sql(f"SELECT max(event_date) FROM delta.`{path}`").collect()[0][0]
    if last is not None:
        expired = f"event_date < date_sub(DATE '{last}', {RETENTION_DAYS - 1})"
        session.sql(f"DELETE FROM delta.`{path}` WHERE {expired}").collect()
        session.sql(f"OPTIMIZE delta.`{path}`").collect()


def _query_id(checkpoint: str) -> str:
    """Return what tells one life of a query from another: a new checkpoint begins at batch 0 again."""
    files, path = filesystem_for(f"{checkpoint}/metadata")
    with files.open_input_stream(path) as stream:
        return str(json.loads(bytes(stream.read()))["id"])

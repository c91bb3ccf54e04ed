"""Streaming queries on Spark: over arriving files, over the rows appended to a table, and their metrics."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from shoplake.errors import StreamingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.connect.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from shoplake.declare import Feed, Feeds

CHECKPOINTS = "_checkpoints"
"""The folder of a lake with the checkpoints of its queries."""
LISTED = "path string, modificationTime timestamp, length long, content binary"
EVER = "36500d"
"""Spark leaves out files that are older than the newest by more than this; by default seven days, without a word."""
ENDLESS = "INFINITE_STREAMING_TRIGGER_NOT_SUPPORTED"
SLOW = "Python worker failed to connect back"
TRIES = 4
ERROR = re.compile(r"shoplake\.errors\.\w+: (.+)")


def file_stream(session: SparkSession, feeds: Feeds, at_most: int) -> DataFrame:
    """Return a stream of the files that arrive in the feeds' folders.

    `feed, path, modificationTime`, none of their content.

    Each path once, however its content changes; `at_most` files a batch and feed.
    """
    parts = [
        session.readStream.format("binaryFile")
        .schema(LISTED)
        .options(recursiveFileLookup="true", maxFileAge=EVER, maxFilesPerTrigger=str(at_most))
        .load(feed.path)
        .select(F.lit(feed.name).alias("feed"), "path", "modificationTime")
        for feed in feeds
    ]
    return reduce(lambda one, other: one.unionAll(other), parts)


def file_name(path: str, feed: Feed) -> str | None:
    """Return a path as Spark lists it as the path in the feed's folder; None where it does not lie there."""
    plain, base = re.sub(r"^file:/+", "/", path), re.sub(r"^file:/+", "/", feed.path).rstrip("/") + "/"
    return plain.removeprefix(base) if plain.startswith(base) else None


def appended_rows(session: SparkSession, at: str, since: int) -> DataFrame:
    """Return a stream of the rows that commits from version `since` on add to a Delta table that is only appended to.

    Rows that another attempt at a batch deletes stay in the stream, and come again.
    """
    options = {"startingVersion": str(since), "skipChangeCommits": "true", "failOnDataLoss": "false"}
    return session.readStream.format("delta").options(**options).load(at)


@dataclass
class StreamingMetrics:
    """Metrics of a query: rows read, the last batch's speed, rows of state, and late rows that were dropped."""

    batches: int = 0
    rows: int = 0
    rows_per_second: float = 0.0
    state_rows: int = 0
    late_rows: int = 0
    watermark: str | None = None
    _seen: set[int] = field(default_factory=set, repr=False)

    def count(self, progress: Iterable[dict[str, Any]]) -> bool:
        """Count the batches that are new; return whether one of them read anything."""
        before = self.batches
        for each in progress:
            if each["batchId"] in self._seen or "addBatch" not in each["durationMs"]:
                continue
            self._seen.add(each["batchId"])
            self._add(each)
        return self.batches > before

    def _add(self, each: dict[str, Any]) -> None:
        states = each.get("stateOperators", [])
        self.state_rows = sum(state["numRowsTotal"] for state in states)
        self.late_rows += sum(state["numRowsDroppedByWatermark"] for state in states)
        self.watermark = each.get("eventTime", {}).get("watermark", self.watermark)
        read = sum(source["numInputRows"] for source in each["sources"])
        if read:
            self.batches += 1
            self.rows += read
            self.rows_per_second = 1000 * read / max(each["durationMs"]["triggerExecution"], 1)


class StreamingQueryHandle:
    """A running query: the server calls `process` with the rows and the number of each micro-batch."""

    def __init__(
        self, rows: DataFrame, process: Callable[[DataFrame, int], None], checkpoint: str, interval_s: float | None
    ) -> None:
        trigger: dict[str, Any] = {"availableNow": True}
        if interval_s is not None:
            trigger = {"processingTime": f"{max(1, round(interval_s * 1000))} milliseconds"}
        writer = rows.writeStream.foreachBatch(process).option("checkpointLocation", checkpoint)
        self._query: StreamingQuery = _start(writer, trigger)
        self.metrics = StreamingMetrics()

    def has_moved(self) -> bool:
        """Whether a batch with rows has finished since the last call. Raises StreamingError if the query failed."""
        is_over = self.is_over
        has_moved = self.metrics.count(_to_dict(each) for each in self._query.recentProgress)
        if is_over and (error := self._query.exception()) is not None:
            raise to_streaming_error(str(error))
        return has_moved

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end: all that was there was read, or it failed."""
        return not self._query.isActive

    @property
    def is_idle(self) -> bool:
        """Whether it waits for something to come."""
        status = self._query.status
        return not status["isTriggerActive"] and not status["isDataAvailable"]

    def stop(self) -> None:
        """End it, in the middle of a batch if there is one."""
        self._query.stop()


def _start(writer: DataStreamWriter, trigger: dict[str, Any]) -> Any:
    """Return the query, started. Spark gives its Python 10 s to come up; on a busy machine that takes another try."""
    for left in reversed(range(TRIES)):
        try:
            return writer.trigger(**trigger).start()
        except PySparkException as error:
            if ENDLESS in str(error):
                raise StreamingError(
                    "This Spark only takes streams that end, as serverless compute does. Leave out --interval, and "
                    "schedule the command, or let new files start it."
                ) from error
            if not left or SLOW not in str(error):
                raise
    raise AssertionError("unreachable")


def _to_dict(progress: Any) -> dict[str, Any]:
    """Return a query's progress as a dictionary, as its JSON has it."""
    values: dict[str, Any] = json.loads(progress.json)
    return values


def to_streaming_error(text: str) -> StreamingError:
    """Return what a query's function raised on the server, in one line."""
    raised = ERROR.findall(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    why = raised[-1] if raised else next((line for line in reversed(lines) if "Error" in line), lines[0])
    return StreamingError(why)

"""Streaming queries on Spark: over files as they arrive, over the rows that a table gets, and how they go."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from shoplake.errors import LakeBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.connect.streaming.query import StreamingQuery
    from pyspark.sql.streaming.readwriter import DataStreamWriter

    from shoplake.declare import Feed, Feeds

CHECKPOINTS = "_stream"
"""Where a lake keeps the checkpoints of its queries."""
LISTED = "path string, modificationTime timestamp, length long, content binary"
EVER = "36500d"
"""Spark leaves out files that are older than the newest by more than this; by default seven days, without a word."""
SLOW = "Python worker failed to connect back"
TRIES = 4
ERROR = re.compile(r"shoplake\.errors\.\w+: (.+)")


def file_stream(session: SparkSession, feeds: Feeds, at_most: int) -> DataFrame:
    """A stream of the files that arrive in the feeds' folders: `feed, path, modificationTime`, none of their content.

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
    """A path as Spark lists it as the path in the feed's folder; None where it does not lie there."""
    plain, base = re.sub(r"^file:/+", "/", path), re.sub(r"^file:/+", "/", feed.path).rstrip("/") + "/"
    return plain.removeprefix(base) if plain.startswith(base) else None


def appended_rows(session: SparkSession, at: str, since: int) -> DataFrame:
    """A stream of the rows that commits from version `since` on add to a Delta table that is only appended to.

    What another attempt at a batch takes out is not taken back; its rows come again.
    """
    options = {"startingVersion": str(since), "skipChangeCommits": "true", "failOnDataLoss": "false"}
    return session.readStream.format("delta").options(**options).load(at)


@dataclass
class StreamingMetrics:
    """How a query goes: rows it read, the last batch's speed, what it remembers, what came too late for it."""

    batches: int = 0
    rows: int = 0
    rows_per_second: float = 0.0
    state_rows: int = 0
    late_rows: int = 0
    watermark: str | None = None
    _seen: set[int] = field(default_factory=set, repr=False)

    def take(self, told: Iterable[dict[str, Any]]) -> bool:
        """Count the batches that were not counted yet; whether one of them read anything."""
        before = self.batches
        for each in told:
            if each["batchId"] in self._seen or "addBatch" not in each["durationMs"]:
                continue
            self._seen.add(each["batchId"])
            self._count(each)
        return self.batches > before

    def _count(self, each: dict[str, Any]) -> None:
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
    """A query that runs on the server, calling a function with the rows of each batch."""

    def __init__(
        self, rows: DataFrame, each: Callable[[DataFrame, int], None], checkpoint: str, every_s: float | None
    ) -> None:
        trigger: dict[str, Any] = {"availableNow": True}
        if every_s is not None:
            trigger = {"processingTime": f"{max(1, round(every_s * 1000))} milliseconds"}
        to = rows.writeStream.foreachBatch(each).option("checkpointLocation", checkpoint)
        self._query: StreamingQuery = _started(to.trigger(**trigger))
        self.progress = StreamingMetrics()

    def moved(self) -> bool:
        """Whether a batch that read something was finished since this was last asked. Raises what the query raised."""
        is_over = self.is_over
        moved = self.progress.take(_plain(each) for each in self._query.recentProgress)
        if is_over and (error := self._query.exception()) is not None:
            raise _raised(str(error))
        return moved

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


def _started(to: DataStreamWriter) -> Any:
    """The query, started. Spark gives its Python 10 s to come up; on a busy machine that takes another try."""
    for left in reversed(range(TRIES)):
        try:
            return to.start()
        except PySparkException as error:
            if not left or SLOW not in str(error):
                raise
    raise AssertionError("unreachable")


def _plain(progress: Any) -> dict[str, Any]:
    """A query's progress as a dictionary, as its JSON has it."""
    told: dict[str, Any] = json.loads(progress.json)
    return told


def _raised(text: str) -> LakeBroken:
    """What a query's function raised on the server, in one line."""
    found = ERROR.findall(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    why = found[-1] if found else next((line for line in reversed(lines) if "Error" in line), lines[0])
    return LakeBroken(f"The stream could not go on: {why} What was committed stands; start it again.")

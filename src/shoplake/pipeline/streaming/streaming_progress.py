"""Results of a stream, read from the state store: another process has written them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shoplake.engine import FILES, SCHEMA_CHANGES, TABLE_RUNS, StateStore, WriteResult, recorded_since
from shoplake.pipeline.run_result import COUNTS, RunResult, TableResult

if TYPE_CHECKING:
    from shoplake.pipeline.streaming.streaming_query import StreamingMetrics


@dataclass(frozen=True)
class StreamingUpdate:
    """What a stream did since its last update; `live` are the metrics of live events, None where there are none."""

    result: RunResult
    live: StreamingMetrics | None


def read_updates(state: StateStore, since: datetime) -> tuple[RunResult, datetime | None]:
    """Return the results of runs that started after `since`, as one, and when the last of them started."""
    result, times, recent = RunResult(""), [], recorded_since(since)
    for row in state.read(TABLE_RUNS, None, recorded_since(since, "run_started_at")):
        if row["run_started_at"] > since:
            written = WriteResult(**{part: row[part] for part in COUNTS})
            result.tables.append(
                TableResult(row["table"], written, row["duration_s"], row["rows_total"], row["version"])
            )
            result.run_id = row["run_id"]
            times.append(row["run_started_at"])
    for row in state.read(FILES, None, recent):
        if row["recorded_at"] > since:
            _add_file(result, row)
            times.append(row["recorded_at"])
    new = [row for row in state.read(SCHEMA_CHANGES, None, recent) if row["recorded_at"] > since]
    result.new_fields = [f"{row['feed']}: {row['stream']}.{row['field']}" for row in new]
    return result, max(times, default=None)


def _add_file(result: RunResult, row: dict[str, object]) -> None:
    name, at = f"{row['feed']}: {row['path']}", row["modified_at"]
    if row["state"] == "ingested":
        result.files += 1
        result.bytes += int(str(row["size"]))
        if isinstance(at, datetime):
            result.oldest_file_at = min(at, result.oldest_file_at or at)
    elif row["state"] == "rejected":
        result.rejected.append(name)
    elif row["state"] == "unreadable":
        result.unreadable.append(name)

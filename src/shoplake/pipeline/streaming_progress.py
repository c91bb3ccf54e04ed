"""What a stream did, read back from the ledger: it was done in another process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shoplake.engine import FILES, SCHEMA_CHANGES, TABLE_RUNS, StateStore, WriteResult, recorded_since
from shoplake.pipeline.run_recorder import COUNTS, RunResult, TableResult

if TYPE_CHECKING:
    from shoplake.pipeline.streaming_query import StreamingMetrics


@dataclass(frozen=True)
class StreamingUpdate:
    """What a stream did since it last said so; `live` is how the hot path goes, None where there is none."""

    result: RunResult
    live: StreamingMetrics | None


def read_updates(ledger: StateStore, since: datetime) -> tuple[RunResult, datetime | None]:
    """What runs did that began after `since`, as one report, and when the last of them began."""
    report, found, recent = RunResult(""), [], recorded_since(since)
    for row in ledger.read(TABLE_RUNS, None, recorded_since(since, "run_started_at")):
        if row["run_started_at"] > since:
            written = WriteResult(**{part: row[part] for part in COUNTS})
            report.tables.append(
                TableResult(row["table"], written, row["duration_s"], row["rows_total"], row["version"])
            )
            report.run_id = row["run_id"]
            found.append(row["run_started_at"])
    for row in ledger.read(FILES, None, recent):
        if row["recorded_at"] > since:
            _count(report, row)
            found.append(row["recorded_at"])
    new = [row for row in ledger.read(SCHEMA_CHANGES, None, recent) if row["recorded_at"] > since]
    report.new_fields = [f"{row['feed']}: {row['stream']}.{row['field']}" for row in new]
    return report, max(found, default=None)


def _count(report: RunResult, row: dict[str, object]) -> None:
    name, at = f"{row['feed']}: {row['path']}", row["modified_at"]
    if row["state"] == "ingested":
        report.files += 1
        report.bytes += int(str(row["size"]))
        if isinstance(at, datetime):
            report.oldest_file_at = min(at, report.oldest_file_at or at)
    elif row["state"] == "rejected":
        report.rejected.append(name)
    elif row["state"] == "unreadable":
        report.unreadable.append(name)

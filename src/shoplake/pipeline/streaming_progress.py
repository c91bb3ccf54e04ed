"""What a stream did, read back from the ledger: it was done in another process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shoplake.engine.protocol import Written
from shoplake.engine.state import state_store as kept
from shoplake.engine.state.ops_tables import FILES, RUNS, SCHEMA_CHANGES
from shoplake.pipeline.run_recorder import COUNTED, Report, Step

if TYPE_CHECKING:
    from shoplake.pipeline.streaming_query import Progress


@dataclass(frozen=True)
class Streamed:
    """What a stream did since it last said so; `live` is how the hot path goes, None where there is none."""

    report: Report
    live: Progress | None


def reported(ledger: kept.Ledger, since: datetime) -> tuple[Report, datetime | None]:
    """What runs did that began after `since`, as one report, and when the last of them began."""
    report, found, recent = Report(""), [], kept.since(since)
    for row in ledger.rows(RUNS, None, recent):
        if row["recorded_at"] > since:
            written = Written(**{part: row[part] for part in COUNTED})
            report.steps.append(Step(row["table"], written, row["seconds"], row["rows"], row["version"]))
            report.run_id = row["run_id"]
            found.append(row["recorded_at"])
    for row in ledger.rows(FILES, None, recent):
        if row["recorded_at"] > since:
            _count(report, row)
            found.append(row["recorded_at"])
    new = [row for row in ledger.rows(SCHEMA_CHANGES, None, recent) if row["recorded_at"] > since]
    report.new_fields = [f"{row['feed']}: {row['stream']}.{row['field']}" for row in new]
    return report, max(found, default=None)


def _count(report: Report, row: dict[str, object]) -> None:
    name, at = f"{row['feed']}: {row['path']}", row["modified_at"]
    if row["state"] == "landed":
        report.files += 1
        report.bytes += int(str(row["size"]))
        if isinstance(at, datetime):
            report.oldest = min(at, report.oldest or at)
    elif row["state"] == "refused":
        report.refused.append(name)
    elif row["state"] == "unreadable":
        report.unreadable.append(name)

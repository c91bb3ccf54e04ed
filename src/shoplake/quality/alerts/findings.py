"""What a run found that opens incidents, and which open ones have ended."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.declare.gate import ErrorBudget
from shoplake.engine import FILES
from shoplake.quality.gates import format_measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from shoplake.engine import StateReader
    from shoplake.quality.alerts.incident import Incident
    from shoplake.quality.gates import GateResult, Stop
    from shoplake.quality.quarantine_warnings import QuarantineWarning

RUN, STALE, STOP, QUARANTINE, GATE, FILE, SLO = "run", "stale", "stop", "quarantine", "gate", "files", "slo"
NEW_FIELDS = "new_fields"
OUTSTANDING = ("rejected", "unreadable", "unmatched")
"""States of files that a later version of the file ends; other findings about files end by an acknowledgement."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now. The first three say what; the others how much, with counts and names alone."""

    kind: str
    table: str | None
    check_name: str
    count: int
    summary: str

    @property
    def subject(self) -> tuple[str, str, str]:
        """What an incident about it is about."""
        return self.kind, self.table or "", self.check_name


def killed_findings(started_at: datetime | None) -> Iterator[Finding]:
    """Yield a finding if the run before, which started then (UTC), was killed."""
    if started_at is not None:
        summary = f"The run of {started_at:%Y-%m-%d %H:%M} UTC was killed; this run has done its work."
        yield Finding(RUN, None, "killed", 1, summary)


def stop_findings(stops: Iterable[Stop]) -> Iterator[Finding]:
    """Yield a finding per table that a rule or gate stopped; of a gate the count is that of its slices."""
    for stop in stops:
        waiting = f", and {_plural(len(stop.not_built), 'table')} made from it" if stop.not_built else ""
        share = (
            f"{stop.rows_violating:,} of {stop.rows_read:,} rows violate {stop.rule}, more than {stop.stop_above:.1%}"
        )
        why = f"{stop.rule} {_measured(stop.measured)}" if stop.measured else share
        count = len(stop.measured) or stop.rows_violating
        yield Finding(STOP, stop.table, stop.rule, count, f"{stop.table} is stopped{waiting}: {why}.")


def quarantine_findings(warnings: Iterable[QuarantineWarning]) -> Iterator[Finding]:
    """Yield a finding per table of which a run quarantined much."""
    for each in warnings:
        rows = f"{each.rows_quarantined:,} of {each.rows_read:,} rows are quarantined"
        summary = f"{each.table}: {rows}, {each.rows_violating:,} of them by {each.rule}."
        yield Finding(QUARANTINE, each.table, each.rule, each.rows_quarantined, summary)


def gate_findings(results: Iterable[GateResult]) -> Iterator[Finding]:
    """Yield a finding per gate that does not pass, however many slices it looks at."""
    slices: dict[tuple[str, str], list[GateResult]] = defaultdict(list)
    for each in results:
        slices[each.table, each.gate].append(each)
    for (table, gate), some in slices.items():
        if gate == ErrorBudget.name:
            yield _spent_budget(table, gate, some)
            continue
        yield Finding(GATE, table, gate, len(some), f"{table}: {gate} {_measured(some)}.")


def _measured(slices: Sequence[GateResult]) -> str:
    """Return in how many slices a gate does not pass, and the worst measure; a slice's name would have values."""
    worst = max(slices, key=lambda each: max(each.value - each.high, each.low - each.value))
    measured, low, high = (format_measure(each) for each in (worst.value, worst.low, worst.high))
    return f"does not pass in {_plural(len(slices), 'slice')}; measured {measured}, expected {low} to {high}"


def _spent_budget(table: str, gate: str, parts: list[GateResult]) -> Finding:
    spent = " and ".join(f"{each.value:.0%} of that for {each.slice}" for each in parts)
    return Finding(SLO, table, gate, len(parts), f"{table}: the error budget is spent: {spent}.")


def file_findings(counts: dict[str, int]) -> Iterator[Finding]:
    """Yield a finding per state of files of which there are some; `counts` has how many by state."""
    meaning = {
        "rejected": "rejected, as their path is known with other content",
        "unreadable": "unreadable",
        "unmatched": "read by no stream of their feed's kind",
        "misread": "not as the options of their stream say",
    }
    if fields := counts.get(NEW_FIELDS):
        verb = "is" if fields == 1 else "are"
        yield Finding(FILE, None, NEW_FIELDS, fields, f"{_plural(fields, 'field')} {verb} new and read by no table.")
    for state, count in counts.items():
        if count and state in meaning:
            verb = "is" if count == 1 else "are"
            yield Finding(FILE, None, state, count, f"{_plural(count, 'file')} {verb} {meaning[state]}.")


def has_ended(incident: Incident, written: Iterable[str], state: StateReader) -> bool:
    """Whether a run that wrote those tables, and did not find it again, has ended an incident."""
    if incident.kind in (RUN, STALE, SLO):
        return True
    if incident.kind == FILE:
        return incident.check_name in OUTSTANDING and not _count_files(state, incident.check_name)
    return incident.table in set(written)


def _count_files(state: StateReader, file_state: str) -> int:
    rows = sorted(state.read(FILES, ["feed", "path", "state", "recorded_at"]), key=lambda row: row["recorded_at"])
    last = {(row["feed"], row["path"]): row["state"] for row in rows if row["state"] != "unchanged"}
    return list(last.values()).count(file_state)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

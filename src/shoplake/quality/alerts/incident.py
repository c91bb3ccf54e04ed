"""Incidents as the rows of `ops.incidents` say they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shoplake.errors import ShoplakeError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

OPENED, REMINDED, ACKNOWLEDGED, RESOLVED = "opened", "reminded", "acknowledged", "resolved"
SEVERE = ("run", "stale", "stop")
"""Kinds that keep readers from new data."""


class UnknownIncidentError(ShoplakeError):
    """No open incident has this id."""

    def __init__(self, typed: str, known: Collection[str]) -> None:
        such = hint(typed, known) if known else "No incident is open."
        super().__init__(f"Unknown incident '{typed}'. {such}")
        self.typed, self.known = typed, tuple(known)


@dataclass(frozen=True)
class Incident:
    """One incident: what it is about, since when, and what was last recorded of it.

    `notified_at` is when it opened or was last reminded of.
    """

    incident_id: str
    kind: str
    table: str | None
    check_name: str
    count: int
    summary: str
    state: str
    opened_at: datetime
    changed_at: datetime
    notified_at: datetime
    actor: str | None = None
    because: str | None = None

    @property
    def subject(self) -> tuple[str, str, str]:
        """What it is about."""
        return self.kind, self.table or "", self.check_name

    @property
    def is_open(self) -> bool:
        """Whether it has not ended; an acknowledged one has not."""
        return self.state != RESOLVED

    def to_row(self, event: str, run_id: str, at: datetime, **cells: Any) -> dict[str, Any]:
        """Return a row of `ops.incidents` about it; `cells` replace what it has."""
        names = ("incident_id", "kind", "table", "check_name", "count", "summary")
        row = {name: getattr(self, name) for name in names}
        return {**row, "actor": None, "because": None, **cells, "event": event, "run_id": run_id, "recorded_at": at}


def incident_id(subject: tuple[str, str, str], run_id: str) -> str:
    """Return the id of an incident that a run opens."""
    return hashlib.sha256("\0".join([*subject, run_id]).encode()).hexdigest()[:12]


def fold(rows: Iterable[Mapping[str, Any]]) -> dict[str, Incident]:
    """Return the incidents that rows of `ops.incidents` tell of, by id, in the order in which they opened."""
    incidents: dict[str, Incident] = {}
    for row in sorted(rows, key=lambda row: row["recorded_at"]):
        at, id = row["recorded_at"], row["incident_id"]
        cells = {name: row[name] for name in ("kind", "table", "check_name", "count", "summary")}
        before = incidents.get(id)
        if before is None:
            incidents[id] = Incident(id, **cells, state=row["event"], opened_at=at, changed_at=at, notified_at=at)
            continue
        is_reminder = row["event"] == REMINDED
        incidents[id] = replace(
            before,
            **cells,
            state=before.state if is_reminder else row["event"],
            changed_at=at,
            notified_at=at if is_reminder else before.notified_at,
            actor=row["actor"] or before.actor,
            because=row["because"] or before.because,
        )
    return incidents

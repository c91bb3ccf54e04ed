"""Opens, reminds of, acknowledges and ends incidents in `ops.incidents`, which is only ever appended to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shoplake.engine import INCIDENTS, crash_points, table_exists
from shoplake.quality.alerts.findings import FILE, OUTSTANDING
from shoplake.quality.alerts.incident import (
    ACKNOWLEDGED,
    OPENED,
    REMINDED,
    RESOLVED,
    Incident,
    UnknownIncidentError,
    fold,
    incident_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from shoplake.engine import StateStore
    from shoplake.quality.alerts.findings import Finding

OPEN_MARKER = "open"
"""How many incidents were open after a commit: a run that finds nothing need not read the rows of the others."""


TICK = timedelta(microseconds=1)


class IncidentLog:
    """The incidents of a lake. `reminder_s` is after how long an open one is reminded of."""

    def __init__(self, state: StateStore, reminder_s: int) -> None:
        self._state, self._reminder = state, timedelta(seconds=reminder_s)

    @property
    def has_open(self) -> bool:
        """Whether an incident is open, as the last commit says."""
        path = self._state.path(INCIDENTS)
        return table_exists(path) and bool(self._state.marker(INCIDENTS, OPEN_MARKER))

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows."""
        return self._state.read(INCIDENTS) if table_exists(self._state.path(INCIDENTS)) else []

    def incidents(self) -> list[Incident]:
        """Return all incidents, the oldest first."""
        return list(fold(self.rows()).values())

    def update(
        self,
        findings: Sequence[Finding],
        run_id: str,
        at: datetime,
        ended: Callable[[Incident], bool] = lambda incident: False,
    ) -> None:
        """Record what is found: open incidents, end those that `ended` says are over, remind of the others.

        A finding that an open incident is about opens no other. Without findings and open incidents nothing is read.
        """
        if not findings and not self.has_open:
            return
        still = [each for each in self.incidents() if each.is_open]
        known = {each.subject: each for each in still}
        found = {each.subject: each for each in findings}
        rows = [
            _opened(each, run_id, at)
            for subject, each in found.items()
            if subject not in known or (known[subject].state == ACKNOWLEDGED and _is_new_fact(each))
        ]
        for incident in still:
            finding = found.get(incident.subject)
            if finding is None and ended(incident):
                rows.append(incident.to_row(RESOLVED, run_id, at))
            elif incident.state == OPENED and at - incident.notified_at >= self._reminder:
                news = {} if finding is None else {"count": finding.count, "summary": finding.summary}
                rows.append(incident.to_row(REMINDED, run_id, at, **news))
        self._append(rows)

    def find_open(self, typed: str) -> Incident:
        """Return an open incident by its id or the start of it. Raises UnknownIncidentError."""
        still = {each.incident_id: each for each in self.incidents() if each.is_open}
        matching = [id for id in still if typed and id.startswith(typed)]
        if len(matching) != 1:
            raise UnknownIncidentError(typed, still)
        return still[matching[0]]

    def acknowledge(self, typed: str, actor: str, because: str, at: datetime) -> Incident:
        """Record that somebody knows of an open incident, by its id or the start of it: no more reminders.

        One about files that nothing else ends is over then. Raises UnknownIncidentError.
        """
        incident = self.find_open(typed)
        is_over = incident.kind == FILE and incident.check_name not in OUTSTANDING
        event = RESOLVED if is_over else ACKNOWLEDGED
        self._append([incident.to_row(event, "", at, actor=actor, because=because)])
        return next(each for each in self.incidents() if each.incident_id == incident.incident_id)

    @crash_points("record_incidents")
    def _append(self, rows: Iterable[dict[str, Any]]) -> None:
        if rows := list(rows):
            before = self.rows()
            last = max((row["recorded_at"] for row in before), default=None)
            if last is not None:  # a later event is later, also if a clock was set back
                rows = [row | {"recorded_at": max(row["recorded_at"], last + TICK)} for row in rows]
            after = fold([*before, *rows]).values()
            self._state.append(INCIDENTS, rows, {OPEN_MARKER: sum(each.is_open for each in after)})


def _is_new_fact(finding: Finding) -> bool:
    """Whether a finding is of new files each time, and not the same condition as before."""
    return finding.kind == FILE


def _opened(finding: Finding, run_id: str, at: datetime) -> dict[str, Any]:
    cells = finding.kind, finding.table, finding.check_name, finding.count, finding.summary
    incident = Incident(incident_id(finding.subject, run_id), *cells, OPENED, at, at, at)
    return incident.to_row(OPENED, run_id, at)

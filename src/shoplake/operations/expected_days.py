"""Days that somebody declares to be other than usual, such as a sale: they are no history, and stop no run."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from shoplake.declare.gate import LikeHistory
from shoplake.engine import GATES, INCIDENTS
from shoplake.errors import DeclarationError, ShoplakeError
from shoplake.pipeline.audit import current_actor, record_decisions
from shoplake.quality.alerts.incident import OPENED
from shoplake.quality.gate_check import WARN
from shoplake.quality.gates import ACCEPTED, STOP
from shoplake.quality.staged_gates import sliced_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from shoplake.declare import Table
    from shoplake.engine import StateStore
    from shoplake.quality.alerts.incident import Incident


class NoDaysError(ShoplakeError):
    """An incident is not about days that are unlike their history."""

    def __init__(self, incident: Incident) -> None:
        subject = f"{incident.check_name}{f' of {incident.table}' if incident.table else ''}"
        super().__init__(
            f"The incident {incident.incident_id} is about {subject}, and not about days that are unlike their "
            "history. Leave out --expected."
        )
        self.incident_id = incident.incident_id


def expect_day(state: StateStore, table: Table[...], feeds: Iterable[str], day: date, because: str) -> list[str]:
    """Record the day of these feeds as accepted for each gate of the table that compares days; return their names.

    Raises DeclarationError for a table without such a gate.
    """
    names = [gate.name for gate in table.gates if isinstance(gate, LikeHistory)]
    if not names:
        raise DeclarationError(
            f"{table.qualified_name} has no gate that compares days with their history. "
            f'Add one in rules.py: extend("{table.qualified_name}", gates=[rows_like_history("…_date")])'
        )
    slices = [(name, f"{feed} {day.isoformat()}") for name in names for feed in feeds]
    _accept(state, table, slices, [f"{table.qualified_name} {day.isoformat()}"], because)
    return names


def expect_incident(state: StateStore, tables: Mapping[str, Table[...]], incident: Incident, because: str) -> list[str]:
    """Record the days that an incident is about as accepted for its gate; return them, as `feed day`.

    They are those that did not pass since the run that opened it. Raises NoDaysError for an incident about anything
    else than a gate that compares days.
    """
    table = next((each for each in tables.values() if each.qualified_name == incident.table), None)
    names = [gate.name for gate in table.gates if isinstance(gate, LikeHistory)] if table else []
    if table is None or incident.check_name not in names:
        raise NoDaysError(incident)
    days = _failed_days(state, incident)
    slices = [(incident.check_name, day) for day in days]
    _accept(state, table, slices, [f"{table.qualified_name} {day}" for day in days], because)
    return days


def _failed_days(state: StateStore, incident: Incident) -> list[str]:
    """Return the days of the incident's gate that did not pass since it opened.

    A later run of a watch opens it where it could not be recorded at once, and has measured nothing: then it is since
    the last ones before.
    """
    opened = (ds.field("incident_id") == incident.incident_id) & (ds.field("event") == OPENED)
    runs = {row["run_id"] for row in state.read(INCIDENTS, ["run_id"], opened)}
    is_of_gate = (ds.field("table") == incident.table) & (ds.field("gate") == incident.check_name)
    rows = state.read(GATES, ["slice", "status", "run_id", "recorded_at"], is_of_gate)
    failed = [row for row in rows if row["status"] in (WARN, STOP)]
    before = [row["recorded_at"] for row in failed if row["recorded_at"] <= incident.opened_at]
    since = min((row["recorded_at"] for row in rows if row["run_id"] in runs), default=max(before, default=None))
    failed = [row for row in failed if since and row["recorded_at"] >= since]
    return sorted({day for row in failed if (day := sliced_day(row["slice"]))})


def _accept(
    state: StateStore, table: Table[...], slices: Iterable[tuple[str, str]], subjects: list[str], because: str
) -> None:
    """Record slices of gates as accepted, and that somebody decided so."""
    run, at, actor = uuid.uuid4().hex, state.next_run_time(), current_actor()
    decision = {"status": ACCEPTED, "accepted_by": actor, "because": because, "run_id": run, "recorded_at": at}
    cells = {"table": table.qualified_name, **decision}
    state.append(GATES, [cells | {"gate": name, "slice": each} for name, each in slices])
    record_decisions(state, run, at, actor, "expect", subjects, because)

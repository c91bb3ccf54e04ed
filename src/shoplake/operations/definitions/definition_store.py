"""Reads and writes `ops.definitions`, one row per table and change of its definition."""

from __future__ import annotations

import importlib.metadata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shoplake.engine import DEFINITIONS, table_exists
from shoplake.operations.definitions.definition import Definition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.engine import StateReader, StateStore

STAMP_MARKER = "stamp"
NO_STAMP = 0
"""What a marker has after a definition is recorded: no stamp is 0."""
APPLYING, DROPPED = "applying", "dropped"


def dropped_at(state: StateReader) -> dict[str, datetime]:
    """Return when tables were dropped last, by `layer.table`."""
    rows = state.read(DEFINITIONS, ["table", "status", "applied_at"]) if table_exists(state.path(DEFINITIONS)) else []
    drops = sorted((row["applied_at"], row["table"]) for row in rows if row["status"] == DROPPED)
    return {table: at for at, table in drops}


class DefinitionStore:
    """The definitions in a lake's state store; the last row of a table counts."""

    def __init__(self, state: StateStore, run_id: str) -> None:
        self._state, self._run_id = state, run_id
        self._last = datetime(1970, 1, 1, tzinfo=UTC)

    @property
    def exists(self) -> bool:
        """Whether the lake has `ops.definitions`."""
        return table_exists(self._state.path(DEFINITIONS))

    def read(self) -> dict[str, Definition]:
        """Return the recorded definition of each table; of a dropped table none."""
        return self.read_all()[0]

    def read_all(self) -> tuple[dict[str, Definition], dict[str, list[Definition]]]:
        """Return the same, and the definitions that a table may have rows of besides, by its name.

        Those were being applied when a command ended, and none has been recorded since.
        """
        rows = sorted(self._state.read(DEFINITIONS), key=lambda row: row["applied_at"]) if self.exists else []
        self._last = rows[-1]["applied_at"] if rows else self._last
        last: dict[str, dict[str, Any]] = {}
        unfinished: dict[str, list[Definition]] = {}
        for row in rows:
            if row["status"] == APPLYING:
                unfinished.setdefault(row["table"], []).append(Definition.from_row(row))
            else:
                last[row["table"]] = row
                unfinished.pop(row["table"], None)
        recorded = {name: Definition.from_row(row) for name, row in last.items() if row["status"] != DROPPED}
        return recorded, unfinished

    def write(self, definitions: Mapping[str, Definition], status: str, notes: Mapping[str, str] | None = None) -> None:
        """Record definitions in one commit, with a note by table.

        A status is applied, baseline, kept, dropped, or applying: from then on there may be rows of it.

        The commit takes back the stamp of all definitions and those of these tables: they were of the definitions
        before.
        """
        if not definitions:
            return
        self._state.create_if_missing()
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        same = {"status": status, "shoplake": importlib.metadata.version("shoplake")}
        same_run = {"run_id": self._run_id, "applied_at": self._last}
        rows = [
            each.to_row() | same | same_run | {"note": (notes or {}).get(name, "")}
            for name, each in definitions.items()
        ]
        self._state.append(DEFINITIONS, rows, dict.fromkeys((STAMP_MARKER, *definitions), NO_STAMP))

    @property
    def stamp(self) -> int | None:
        """The stamp of the sources and settings that all recorded definitions agree with."""
        return self.stamp_of(STAMP_MARKER)

    def stamp_of(self, table: str) -> int | None:
        """Return the stamp of the sources and settings that the recorded definition of one table agrees with."""
        return (self._state.marker(DEFINITIONS, table) or None) if self.exists else None

    def write_stamps(self, stamp: int | None, of_tables: Mapping[str, int]) -> None:
        """Record that all definitions agree with the sources and settings of a stamp, and each table with its own."""
        if stamp is not None and stamp != self.stamp:
            self._state.append(DEFINITIONS, [], {STAMP_MARKER: stamp, **of_tables})

    def forget_stamps(self) -> None:
        """Record that no definition agrees with any sources and settings: the next plan compares each."""
        if self.exists:
            tables = {row["table"] for row in self._state.read(DEFINITIONS, ["table"])}
            self._state.append(DEFINITIONS, [], dict.fromkeys((STAMP_MARKER, *sorted(tables)), NO_STAMP))

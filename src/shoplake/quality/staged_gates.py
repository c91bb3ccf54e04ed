"""The gates of a table as a run meets them: before the commit, on the staged rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds

from shoplake.engine import GATES, table_exists
from shoplake.errors import ShoplakeError, WriteStoppedError
from shoplake.quality.gates import ACCEPTED, STOP, format_measure

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine import StateReader
    from shoplake.quality.gate_check import GateCheck
    from shoplake.quality.gates import GateResult


class GateStoppedError(WriteStoppedError):
    """What gates measured of the staged rows of a write stops it; nothing of the write is committed.

    `measured` are the slices that do not pass; the text is about the first.
    """

    def __init__(self, measured: Sequence[GateResult]) -> None:
        first = measured[0]
        expected = f"expected {format_measure(first.low)} to {format_measure(first.high)}"
        ShoplakeError.__init__(
            self,
            f"{first.table}: {first.gate} of {first.slice} is {format_measure(first.value)}, {expected}. "
            f"The table keeps its rows. Mend the files, or accept it once: "
            f'shoplake run --accept {first.table}.{first.gate} --because "…"',
        )
        self.table, self.rule, self.measured = first.table, first.gate, tuple(measured)
        self.rows_read = self.rows_violating = 0
        self.stop_above = 0.0


class StagedGates:
    """Decides the commits of one table: each is seen before it is made. `accepted` gates do not stop it.

    A write of several chunks has a commit for each; the results are those of the last that looked at a slice.
    """

    def __init__(self, check: GateCheck, table: Table[...], accepted: Collection[str]) -> None:
        self._check, self._table, self._accepted = check, table, accepted
        self._results: dict[tuple[str, str], GateResult] = {}

    @property
    def results(self) -> list[GateResult]:
        """What was measured of each slice."""
        return list(self._results.values())

    @property
    def measured(self) -> list[dict[str, Any]]:
        """What was measured of each day, as rows of `ops.metrics` without the run."""
        return self._check.measured

    def __call__(self, rows: DataFrame, kept: DataFrame | None) -> None:
        """Evaluate the gates. Raises GateStoppedError where one that stops does not pass and is not accepted.

        What is measured of a commit that is not made is in the error alone: the rows may come with others.
        """
        stopping, results, known = [], {}, len(self._check.measured)
        for each in self._check.check_write(self._table, rows, kept):
            result = each
            if each.status == STOP and each.gate in self._accepted:
                result = replace(each, status=ACCEPTED)
            elif each.status == STOP:
                stopping.append(each)
            results[result.gate, result.slice] = result
        if stopping:
            del self._check.measured[known:]
            raise GateStoppedError(stopping)
        self._results |= results


def acknowledged_days(state: StateReader) -> dict[tuple[str, str], set[str]]:
    """Return the days, as `feed day`, that somebody accepted of each table and gate."""
    if not table_exists(state.path(GATES)):
        return {}
    days: dict[tuple[str, str], set[str]] = {}
    for row in state.read(GATES, ["table", "gate", "slice"], ds.field("status") == ACCEPTED):
        if day := sliced_day(row["slice"]):
            days.setdefault((row["table"], row["gate"]), set()).add(day)
    return days


def sliced_day(slice: str | None) -> str | None:
    """Return the feed and day, as `feed day`, of a slice of a gate; None of a slice that is not of a day."""
    found = re.match(r"(.*? \d{4}-\d{2}-\d{2})(?: |$)", slice or "")
    return found[1] if found else None

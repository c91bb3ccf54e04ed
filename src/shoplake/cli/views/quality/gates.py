"""Views of what gates measured, and of how long ago the last run was."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import pluralize, print_next_steps, sql_command_line, text_table
from shoplake.quality.gates import format_measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from shoplake.quality.gates import GateResult

NO_GATES = 'Add some in rules.py: extend("{table}", gates=[rows_like_history("{day}")])'


@dataclass(frozen=True)
class GatesView:
    """The results of gates."""

    results: Sequence[GateResult]
    config: Path
    table: str | None = None
    """The only table whose gates were evaluated."""

    @property
    def failures(self) -> list[GateResult]:
        """Those that do not pass."""
        return [each for each in self.results if each.status not in ("pass", "accepted")]

    @property
    def exit_code(self) -> int:
        """3 where a gate stops a run, 1 where one warns, else 0."""
        return 3 if any(each.status == "stop" for each in self.failures) else 1 if self.failures else 0

    def render(self, console: Console) -> None:
        """Print the gates that do not pass, and how many do."""
        if not self.results:
            named, day = (self.table, "…_date") if self.table else ("silver.events", "event_date")
            none = f"{self.table} has no gates." if self.table else "No table has gates."
            console.print(f"{none} {NO_GATES.format(table=named, day=day)}", soft_wrap=True)
            return
        table = text_table("table", "gate", "slice", "value", "expected", numbers=["value"])
        for each in self.failures:
            band = f"{format_measure(each.low)} … {format_measure(each.high)}"
            table.add_row(each.table, each.gate, each.slice, format_measure(each.value), band)
        if table.row_count:
            console.print(table)
        counts = Counter(each.status for each in self.results)
        accepted = f", {counts['accepted']} accepted" if counts["accepted"] else ""
        console.print(f"{pluralize(counts['pass'], 'check')} passed, {len(self.failures)} did not{accepted}.")
        if self.failures:
            query = f"SELECT * FROM {self.failures[0].table} LIMIT 20"
            print_next_steps(console, sql_command_line(query, self.config))

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per result."""
        return [asdict(each) for each in self.results]


@dataclass(frozen=True)
class ExpectedDayView:
    """A day that somebody declared to be other than usual, and the gates that leave it out."""

    table: str
    day: date
    gates: Sequence[str]

    def render(self, console: Console) -> None:
        """Print the day and the gates."""
        console.print(f"{self.day} of {self.table} is no history of {', '.join(self.gates)}, and stops no run.")

    def to_json(self) -> dict[str, Any]:
        """Return the table, the day and the names of the gates."""
        return {"table": self.table, "day": self.day.isoformat(), "gates": list(self.gates)}


@dataclass(frozen=True)
class StaleView:
    """When the last run was recorded, and how long ago that may be; `last_run_at` is None where there was none."""

    last_run_at: datetime | None
    limit_s: float

    @property
    def age_s(self) -> float | None:
        """The seconds since the last run."""
        return None if self.last_run_at is None else (datetime.now(UTC) - self.last_run_at).total_seconds()

    @property
    def is_stale(self) -> bool:
        """Whether the last run is too long ago, or so far in the future that it says nothing."""
        return self.age_s is None or abs(self.age_s) > self.limit_s

    def render(self, console: Console) -> None:
        """Print when the last run was."""
        if self.last_run_at is None or self.age_s is None:
            console.print("STALE: no run was ever recorded.")
            return
        word = "STALE" if self.is_stale else "OK"
        age, limit = self.age_s / 3600, self.limit_s / 3600
        at = f"{self.last_run_at:%Y-%m-%d %H:%M} UTC"
        distance = f"{age:,.1f} h ago" if age >= 0 else f"{-age:,.1f} h from now"
        console.print(f"{word}: the last recorded run started at {at}, {distance}; limit {limit:,.1f} h.")
        if self.is_stale and age < 0:
            console.print("The clock of that run was wrong, or that of this machine is.")

    def to_json(self) -> dict[str, Any]:
        """Return the time of the last run, its age and whether that is too long."""
        at = None if self.last_run_at is None else self.last_run_at.isoformat()
        return {"last_run_at": at, "age_s": self.age_s, "limit_s": self.limit_s, "is_stale": self.is_stale}

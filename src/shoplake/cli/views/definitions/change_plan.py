"""The changes of a lake's definitions, what differs in one, and the result of applying them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from shoplake.cli.console import command_line, pluralize, print_next_steps
from shoplake.operations.definitions.change_plan import QUIET
from shoplake.operations.definitions.changes import ChangeAction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from shoplake.operations.definitions.change_plan import ChangePlan
    from shoplake.operations.definitions.changes import TableChange
    from shoplake.pipeline.runner import TableResult

SIGNS = {
    ChangeAction.NOTHING: "=",
    ChangeAction.BASELINE: "=",
    ChangeAction.COMMENT: "=",
    ChangeAction.BUILD: "+",
    ChangeAction.DROP: "-",
}
STYLES = {"!": "bold yellow", "+": "green", "-": "red", "=": "dim", "~": ""}
RUN = "run"
NOT_BUILT = "A run builds these tables from the files of the feeds."
NO_CHANGE = "All tables match the code and settings."


@dataclass(frozen=True)
class ChangePlanView:
    """The changes, one line per table; with a `config` also the command that applies them."""

    plan: ChangePlan
    config: Path | None = None

    def render(self, console: Console) -> None:
        """Print one line per change: sign, table, reasons, what is done."""
        if self.plan.changes:
            grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
            for change in self.plan.changes:
                sign = change_sign(change)
                cells = (sign, change.table, "; ".join(change.reasons), describe_work(change))
                grid.add_row(*cells, style=STYLES[sign])
            console.print(grid)
        if self.plan.is_empty:
            console.print(NO_CHANGE)
        elif self.config is not None:
            if self._next_command == RUN:
                console.print(NOT_BUILT)
            print_next_steps(console, command_line(self._next_command, config=self.config))

    def to_json(self) -> dict[str, Any]:
        """Return the changes as plain values."""
        changes = [
            {
                "table": change.table,
                "action": change.action.name.lower(),
                "reasons": list(change.reasons),
                "rules": list(change.rules),
                "amount": change.amount,
                "is_breaking": change.action.is_breaking,
            }
            for change in self.plan.changes
        ]
        next_command = None if self.plan.is_empty else self._next_command
        return {"has_changes": not self.plan.is_empty, "next_command": next_command, "changes": changes}

    @property
    def _next_command(self) -> str:
        """The command that does what is planned: a run builds tables that are only not built yet."""
        actions = {change.action for change in self.plan.changes if change.action not in QUIET}
        return RUN if actions == {ChangeAction.BUILD} else "apply"


@dataclass(frozen=True)
class DefinitionView:
    """What differs between the recorded and the current definition of the table `name`."""

    plan: ChangePlan
    name: str

    def render(self, console: Console) -> None:
        """Print each field that differs, with the recorded and the current values."""
        differences = self.to_json()
        if not differences:
            console.print(f"The definition of {self.name} is as recorded.")
        for field, values in differences.items():
            console.print(field, style="bold")
            for sign, side, other in (("-", "recorded", "current"), ("+", "current", "recorded")):
                for line in _lines(values[side], values[other]):
                    console.print(f"  {sign} {line}", style=STYLES[sign], soft_wrap=True)

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Return the recorded and the current value of each field that differs."""
        plan, name = self.plan, self.name
        recorded, current = (vars(each[name]) if name in each else {} for each in (plan.recorded, plan.current))
        pairs = {field: (recorded.get(field), current.get(field)) for field in {**recorded, **current}}
        return {field: {"recorded": old, "current": new} for field, (old, new) in pairs.items() if old != new}


@dataclass(frozen=True)
class AppliedChangesView:
    """The changes that were planned, and the tables that were written for them."""

    plan: ChangePlan
    results: Sequence[TableResult]
    duration_s: float

    def render(self, console: Console) -> None:
        """Print how many tables were written."""
        tables = {step.table for step in self.results}
        console.print(f"Applied: {pluralize(len(tables), 'table')} written in {self.duration_s:.1f} s.")

    def to_json(self) -> dict[str, Any]:
        """Return the changes, and one object per table that was written."""
        tables = [{"table": step.table, "rows": step.row_count, "version": step.version} for step in self.results]
        return ChangePlanView(self.plan).to_json() | {"tables": tables}


def change_sign(change: TableChange) -> str:
    """Return `=` for no row, `+` for a new table, `-` for a dropped one, `!` for a rebuild, `~` for an update."""
    return "!" if change.action is ChangeAction.REBUILD else SIGNS.get(change.action, "~")


def describe_work(change: TableChange) -> str:
    """Return what is done to the table, e.g. `rebuild 30 days`."""
    if change.action is ChangeAction.REPLAY and change.amount:
        return f"evaluate {change.amount} again"
    if change.action is ChangeAction.REEVALUATE and change.amount:
        return f"evaluate the records of {change.amount} again"
    return f"{change.action} {change.amount}".strip()


def _lines(value: Any, other: Any) -> list[str]:
    """Return a value as lines; of a list or mapping only the entries that the other one lacks."""
    if isinstance(value, dict):
        other = other if isinstance(other, dict) else {}
        return [f"{name}: {each}" for name, each in value.items() if other.get(name) != each]
    if isinstance(value, tuple):
        missing = [each for each in value if each not in (other or ())]
        return [", ".join(each) if isinstance(each, tuple) else str(each) for each in missing]
    return [str(value)] if value else []

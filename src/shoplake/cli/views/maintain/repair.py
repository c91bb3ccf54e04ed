"""The actions of a repair, one line per table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, pluralize, print_next_steps, text_table

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from shoplake.operations.integrity.repair import RepairAction


@dataclass(frozen=True)
class RepairView:
    """The actions of a repair, to print or to write as JSON."""

    actions: list[RepairAction]
    config: Path | None = None

    @property
    def is_success(self) -> bool:
        """Whether everything is repaired."""
        return all(action.is_success for action in self.actions)

    def render(self, console: Console) -> None:
        """Print one line per action, and what to do next."""
        if not self.actions:
            console.print("Nothing to repair.")
            return
        table = text_table("table", "action", "detail")
        for action in self.actions:
            table.add_row(action.table, action.action, action.detail, style=None if action.is_success else "bold red")
        console.print(table)
        console.print(f"{pluralize(len({action.table for action in self.actions}), 'table')} repaired.")
        print_next_steps(console, command_line("verify", config=self.config))

    def to_json(self) -> dict[str, Any]:
        """Return the actions as plain values."""
        return {"is_success": self.is_success, "actions": [asdict(action) for action in self.actions]}

"""What a repair did, table by table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command, counted, grid, next_steps

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from shoplake.operations.repair import RepairAction


@dataclass(frozen=True)
class RepairView:
    """The actions of a repair, to print or to write as JSON."""

    actions: list[RepairAction]
    config: Path | None = None

    @property
    def is_success(self) -> bool:
        """Whether everything is repaired."""
        return all(action.is_success for action in self.actions)

    def render(self, out: Console) -> None:
        """Print one line per action, and what to do next."""
        if not self.actions:
            out.print("Nothing to repair.")
            return
        shown = grid("table", "action", "detail")
        for action in self.actions:
            shown.add_row(action.table, action.action, action.detail, style=None if action.is_success else "bold red")
        out.print(shown)
        out.print(f"{counted(len({action.table for action in self.actions}), 'table')} repaired.")
        next_steps(out, command("verify", config=self.config))

    def to_json(self) -> dict[str, Any]:
        """The actions as plain values."""
        return {"is_success": self.is_success, "actions": [asdict(action) for action in self.actions]}

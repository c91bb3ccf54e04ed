"""The view of the errors that ended runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shoplake.pipeline.error_log import ErrorSummary


@dataclass(frozen=True)
class ErrorsView:
    """Errors, the one that was seen last first."""

    errors: Sequence[ErrorSummary]

    def render(self, console: Console) -> None:
        """Print two lines per error: what and how often, then where."""
        for each in self.errors:
            table = f" {each.table}" if each.table else ""
            times = pluralize(each.times, "time")
            console.print(f"{each.last_at:%Y-%m-%d %H:%M:%S}{table} {each.kind}: {each.message}", soft_wrap=True)
            console.print(f"  {times}, run {each.last_run_id[:8]}, {each.location or 'unknown place'}", soft_wrap=True)
        if not self.errors:
            console.print("No run ended with an error.")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per error."""
        times = ("first_at", "last_at")
        return [asdict(each) | {name: getattr(each, name).isoformat() for name in times} for each in self.errors]

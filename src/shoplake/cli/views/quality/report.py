"""View of a report that was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


@dataclass(frozen=True)
class ReportView:
    """Where the page is, and its size in bytes."""

    path: Path
    bytes: int

    def render(self, console: Console) -> None:
        """Print both."""
        console.print(f"{self.path} ({self.bytes / 1000:,.0f} kB)", soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return both."""
        return {"path": str(self.path), "bytes": self.bytes}

"""View of files that a command has generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import print_next_steps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console


@dataclass(frozen=True)
class GeneratedFilesView:
    """The files that were written, and what to do with them."""

    files: Sequence[Path]
    next_steps: Sequence[str]

    def render(self, console: Console) -> None:
        """Print a file per line, and the commands to type next."""
        for file in self.files:
            console.print(f"Wrote {file}.", soft_wrap=True)
        print_next_steps(console, *self.next_steps)

    def to_json(self) -> dict[str, Any]:
        """Return both."""
        return {"files": [str(file) for file in self.files], "next_steps": list(self.next_steps)}

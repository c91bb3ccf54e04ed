"""The view of a clone of a lake."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, format_size, pluralize, print_next_steps

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from shoplake.engine import ClonedFiles


@dataclass(frozen=True)
class CloneView:
    """A clone: its files, and where it is."""

    files: ClonedFiles
    folder: Path
    config: Path

    def render(self, console: Console) -> None:
        """Print the counts, and how to use the clone."""
        linked, copied = pluralize(self.files.linked, "file"), pluralize(self.files.copied, "file")
        size = format_size(self.files.copied_size)
        console.print(f"Cloned into {self.folder}: {linked} linked, {copied} copied ({size}).", soft_wrap=True)
        environment = f"SHOPLAKE_LAKE={shlex.quote(str(self.folder))}"
        print_next_steps(console, f"{environment} {command_line('tables', config=self.config)}")

    def to_json(self) -> dict[str, Any]:
        """Return the folder and the counts; the size in bytes."""
        return {"lake": str(self.folder), **asdict(self.files)}

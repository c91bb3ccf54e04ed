"""View of a written Databricks Asset Bundle."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import pluralize, print_next_steps

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.deploy.databricks.write_bundle import WrittenBundle


@dataclass(frozen=True)
class BundleView:
    """What was written, and how to deploy it."""

    bundle: WrittenBundle

    def render(self, console: Console) -> None:
        """Print the folder, and the commands that deploy and run the bundle."""
        bundle = self.bundle
        files = pluralize(len(bundle.files), "file")
        console.print(f"Wrote the bundle {bundle.name}: {files} in {bundle.folder}.", markup=False, soft_wrap=True)
        console.print(f"{bundle.folder / 'README.md'} goes from here to the first run.", markup=False, soft_wrap=True)
        print_next_steps(
            console,
            f"cd {quote(str(bundle.folder))}",
            "databricks bundle validate",
            "databricks bundle deploy -t dev",
            "databricks bundle run daily -t dev --params rows=20000",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the name, the folder and the files."""
        return {"name": self.bundle.name, "folder": str(self.bundle.folder), "files": list(self.bundle.files)}

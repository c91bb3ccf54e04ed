"""View of a written declarative pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import pluralize, print_next_steps

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.deploy.pipeline.write_pipeline import WrittenPipeline


@dataclass(frozen=True)
class PipelineView:
    """What was written, what is left out and why, and how the pipeline is run."""

    pipeline: WrittenPipeline

    def render(self, console: Console) -> None:
        """Print the folder, the tables that are left out, and the next commands."""
        written = self.pipeline
        tables = pluralize(len(written.tables), "table")
        console.print(f"Wrote a pipeline of {tables} into {written.folder}.", markup=False, soft_wrap=True)
        if written.refused:
            console.print(f"Left out: {pluralize(len(written.refused), 'table')}.")
        for name, reason in sorted(written.refused.items()):
            console.print(f"  {name} {reason}", markup=False, soft_wrap=True)
        run = ["databricks pipelines create --json @pipeline.json"]
        if not written.is_for_databricks:
            run = ["spark-sql -f setup.sql", "spark-pipelines run"]
        print_next_steps(console, f"cd {quote(str(written.folder))}", *run)

    def to_json(self) -> dict[str, Any]:
        """Return the folder, the tables, and those that are left out with the reason."""
        written = self.pipeline
        return {"folder": str(written.folder), "tables": list(written.tables), "left_out": written.refused}

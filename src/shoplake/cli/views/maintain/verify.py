"""Views of verifications: of a lake, and of downloaded source files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, pluralize, text_table
from shoplake.errors import SettingsError, hint
from shoplake.feeds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shoplake.declare import FeedKind
    from shoplake.engine import Problem
    from shoplake.lake import Lake
    from shoplake.operations.source_check import FileCheck


@dataclass(frozen=True)
class VerifyView:
    """The problems of a lake; none if it is sound."""

    lake: Lake
    problems: Sequence[Problem]

    def render(self, console: Console) -> None:
        """Print each problem on a line, or how much was verified."""
        for problem in self.problems:
            console.print(str(problem), style="red", soft_wrap=True)
        if self.problems:
            tables = len({problem.table for problem in self.problems})
            summary = f"{pluralize(len(self.problems), 'problem')} in {pluralize(tables, 'table')}."
            console.print(summary, style="bold red")
            return
        known = self.lake.known
        rows = sum(self.lake.row_count(name) or 0 for name in known)
        found = f"No problems: {len(known)} tables, {format_number(rows)} rows. {self._checked}"
        console.print(f"{found} Gold totals match silver.", soft_wrap=True)

    @property
    def _checked(self) -> str:
        """What was compared: the files of a catalog are its own affair."""
        if self.lake.settings.catalog is None:
            return "Files, checksums and row counts match the table logs and the ops tables."
        return (
            f"All rows can be read, and their counts match the ops tables. Files and checksums are kept by the catalog "
            f"'{self.lake.settings.catalog}' and not compared."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the number of tables and one object per problem."""
        problems = [{"table": each.table, "problem": each.problem, "file": each.file} for each in self.problems]
        return {"tables": len(self.lake.known), "problems": problems}


@dataclass(frozen=True)
class SourceCheckView:
    """The state of each file of a public data set."""

    checks: Sequence[FileCheck]

    def render(self, console: Console) -> None:
        """Print the files with their state, and what to do."""
        table = text_table("file", "state", "bytes", "records", numbers=["bytes", "records"])
        for check in self.checks:
            sizes = (format_number(check.bytes), format_number(check.records))
            table.add_row(check.file, check.state, *sizes, style=None if check.is_good else "red")
        console.print(table)
        for check in self.checks:
            if check.advice:
                console.print(f"{check.file}: {check.advice}", soft_wrap=True, markup=False)
        different = sum(not check.is_good for check in self.checks)
        if different:
            console.print(f"{pluralize(different, 'file')} not as published. Ingestion works, but totals will differ.")
        else:
            console.print("All files are as published.")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per file."""
        return [asdict(check) | {"is_good": check.is_good} for check in self.checks]


def published_kind(name: str) -> FeedKind:
    """Return a kind whose files are published. Raises SettingsError for any other name."""
    published = sorted(each for each, kind in KINDS.items() if kind.published)
    if name not in published:
        raise SettingsError(f"No files of '{name}' are published. {hint(name, published)}")
    return KINDS[name]

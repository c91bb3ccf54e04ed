"""Views of table maintenance: files per table, commits, a restored version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, format_number, pluralize, print_next_steps, text_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from shoplake.operations.table_maintenance import Commit
    from shoplake.operations.upkeep.lake_restore import RestoredLake
    from shoplake.operations.upkeep.restore_plan import RestorePlan


@dataclass(frozen=True)
class FileCountsView:
    """The files that were compacted or deleted, per table."""

    files: Mapping[str, int]
    action: str

    def render(self, console: Console) -> None:
        """Print the tables with such files, and the sum over all tables."""
        table = text_table("table", "files", numbers=["files"])
        for name, count in self.files.items():
            if count:
                table.add_row(name, format_number(count))
        if table.row_count:
            console.print(table)
        total, tables = sum(self.files.values()), len(self.files)
        console.print(f"{pluralize(total, 'file')} {self.action} in {pluralize(tables, 'table')}.")

    def to_json(self) -> dict[str, int]:
        """Return the number of files by table."""
        return dict(self.files)


@dataclass(frozen=True)
class CommitsView:
    """The commits of a table, newest first."""

    commits: Sequence[Commit]

    def render(self, console: Console) -> None:
        """Print one commit per line."""
        table = text_table("version", "at (UTC)", "operation", numbers=["version"])
        for commit in self.commits:
            table.add_row(format_number(commit.version), f"{commit.at:%Y-%m-%d %H:%M:%S}", commit.operation)
        console.print(table)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per commit."""
        return [
            {"version": commit.version, "at": commit.at.isoformat(), "operation": commit.operation}
            for commit in self.commits
        ]


@dataclass(frozen=True)
class RestoreView:
    """A table whose earlier version is current again."""

    table: str
    version: int
    config: Path

    def render(self, console: Console) -> None:
        """Print the restored version, and how to rebuild the table instead."""
        console.print(f"{self.table} is restored to version {self.version}.")
        select = ("run", "--full-refresh", "--select", self.table.partition(".")[2])
        print_next_steps(console, command_line(*select, config=self.config) + "   # to rebuild it")

    def to_json(self) -> dict[str, Any]:
        """Return the table and the restored version."""
        return {"table": self.table, "restored_version": self.version}


@dataclass(frozen=True)
class RestoredLakeView:
    """A lake whose tables are those of an earlier moment again."""

    restored: RestoredLake
    config: Path

    def render(self, console: Console) -> None:
        """Print the moment, the number of tables whose rows changed, and what comes next."""
        moment = f"{self.restored.until:%Y-%m-%d %H:%M:%S} UTC"
        changed = len(self.restored.tables)
        if changed:
            console.print(f"The lake is restored to {moment}: {pluralize(changed, 'table')} changed.")
        else:
            console.print(f"Nothing to restore: no table has changed since {moment}.")
        _print_why_earlier(self.restored.plan, console)
        if changed:
            print_next_steps(console, command_line("run", config=self.config) + "   # ingests what has arrived since")

    def to_json(self) -> dict[str, Any]:
        """Return both moments and the tables whose rows changed."""
        plan = self.restored.plan
        times = {"at": plan.at.isoformat(), "restored_to": plan.until.isoformat()}
        return times | {"tables": list(self.restored.tables)}


@dataclass(frozen=True)
class RestorePlanView:
    """The versions that a restore would make current."""

    plan: RestorePlan

    def render(self, console: Console) -> None:
        """Print the tables whose version would change."""
        table = text_table("table", "version", "current", numbers=["version", "current"])
        for name, version in self.plan.versions.items():
            if version != self.plan.replaced[name]:
                table.add_row(name, format_number(version), format_number(self.plan.replaced[name]))
        if table.row_count:
            console.print(table)
        moment = f"{self.plan.until:%Y-%m-%d %H:%M:%S} UTC"
        if table.row_count:
            console.print(f"{pluralize(table.row_count, 'table')} to be restored to {moment}.")
        else:
            console.print(f"Nothing to restore: no table has changed since {moment}.")
        _print_why_earlier(self.plan, console)

    def to_json(self) -> dict[str, Any]:
        """Return the moment and both versions of each table."""
        versions = {
            name: {"version": version, "current": self.plan.replaced[name]}
            for name, version in self.plan.versions.items()
        }
        return {"restored_to": self.plan.until.isoformat(), "tables": versions}


def _print_why_earlier(plan: RestorePlan, console: Console) -> None:
    """Print why the moment is an earlier one than was asked for, where it is."""
    if plan.undone_at is not None:
        at, undone_at = (f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in (plan.at, plan.undone_at))
        console.print(f"A restore at {undone_at} has undone {at}; this is the last moment before that is left.")
    elif plan.until < plan.at:
        console.print(f"A run was at work at {plan.at:%H:%M:%S}; this is the moment before its start.")

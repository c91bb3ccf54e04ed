"""Views of the upkeep of a lake: the files of each table, what is planned, and what was done."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, format_size, pluralize, text_table
from shoplake.listed_names import list_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from shoplake.operations.upkeep.lake_upkeep import TableStatus
    from shoplake.pipeline.run_result import ExpiredRows, UpkeepAction, UpkeepResult

NUMBERS = ("files", "small", "MB", "unused", "unused MB", "commits", "log MB", "checkpoint")
MAX_NAMES = 3
VERBS = {
    "compact": "compact",
    "log": "clean the log of",
    "vacuum": "delete unused files of",
}


@dataclass(frozen=True)
class UpkeepStatusView:
    """The files of each table."""

    tables: Sequence[TableStatus]

    def render(self, console: Console) -> None:
        """Print one table per line, and the sums."""
        table = text_table("table", *NUMBERS, numbers=NUMBERS)
        for each in self.tables:
            files = each.files
            counts = (files.files, files.small_files, _mb(files.size), files.unused_files, _mb(files.unused_size))
            logs = (files.commits, _mb(files.log_size), files.checkpoint)
            table.add_row(each.table, *(_cell(value) for value in (*counts, *logs)))
        console.print(table)
        unused = sum(each.files.unused_size for each in self.tables)
        total = sum(each.files.size for each in self.tables)
        tables = pluralize(len(self.tables), "table")
        console.print(f"{tables}, {format_size(total)}. Unused files that can be deleted: {format_size(unused)}.")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per table; sizes in bytes."""
        return [{"table": each.table, **asdict(each.files)} for each in self.tables]


@dataclass(frozen=True)
class UpkeepPlanView:
    """What a maintenance would do now."""

    actions: Sequence[UpkeepAction]

    def render(self, console: Console) -> None:
        """Print one action per line, the greatest gain first."""
        for each in self.actions:
            console.print(f"{VERBS[each.action]} {each.table}: {_gain(each)}")
        if not self.actions:
            console.print("Nothing to do.")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per action."""
        return [asdict(each) for each in self.actions]


@dataclass(frozen=True)
class UpkeepResultView:
    """What a maintenance did."""

    result: UpkeepResult

    def render(self, console: Console) -> None:
        """Print one line."""
        console.print(upkeep_line(self.result), soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the actions that were done, those that are left, and how long it took."""
        return {
            "done": [asdict(each) for each in self.result.done],
            "left": [asdict(each) for each in self.result.left],
            "expired": ExpiredRowsView(self.result.expired).to_json(),
            "duration_s": round(self.result.duration_s, 3),
        }


@dataclass(frozen=True)
class ExpiredRowsView:
    """The rows whose retention is over, per table: to be deleted, or deleted."""

    tables: Sequence[ExpiredRows]
    is_deleted: bool = True

    def render(self, console: Console) -> None:
        """Print one table per line, and the sum."""
        for each in self.tables:
            reads = f", which {list_some(each.waits_for, MAX_NAMES)} did not read yet" if each.waits_for else ""
            console.print(f"{each.table}: {pluralize(each.rows, 'row')} before {each.before:%Y-%m-%d}{reads}")
        rows = pluralize(_count_deleted(self.tables), "expired row")
        wait = any(each.waits_for for each in self.tables)
        then = " The others wait until they are read: run all tables, then expire again." if wait else ""
        console.print(f"{rows} {'deleted' if self.is_deleted else 'to be deleted'}.{then}")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per table."""
        return [asdict(each) | {"before": each.before.isoformat()} for each in self.tables]


def _count_deleted(expired: Iterable[ExpiredRows]) -> int:
    return sum(each.rows for each in expired if not each.waits_for)


def upkeep_line(result: UpkeepResult) -> str:
    """Return what a maintenance did as one sentence."""
    if not result.done and not _count_deleted(result.expired):
        return "Maintenance: nothing to do."
    gains = Counter[str]()
    for each in result.done:
        gains[each.action] += each.files
    words = {"vacuum": "unused file", "compact": "small file", "log": "commit"}
    verbs = {"vacuum": "deleted", "compact": "compacted", "log": "covered by checkpoints"}
    parts = [f"{pluralize(count, words[name])} {verbs[name]}" for name, count in gains.items()]
    if rows := _count_deleted(result.expired):
        parts.append(f"{pluralize(rows, 'expired row')} deleted")
    freed = sum(each.size for each in result.done)
    left = f"; {pluralize(len(result.left), 'action')} left for the next time" if result.left else ""
    return f"Maintenance: {', '.join(parts)}, {format_size(freed)} freed in {result.duration_s:.1f} s{left}."


def _gain(action: UpkeepAction) -> str:
    noun = "commit" if action.action == "log" else "file"
    size = f", {format_size(action.size)}" if action.size else ""
    return f"{pluralize(action.files, noun)}{size}"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f}"


def _cell(value: object) -> str:
    return value if isinstance(value, str) else format_number(value)

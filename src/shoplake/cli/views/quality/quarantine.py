"""Views of quarantined records and of what was done to them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, format_number, pluralize, print_next_steps, text_table
from shoplake.listed_names import list_some
from shoplake.record_text import place, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from shoplake.operations.quarantine.life_cycle import LifeCycleResult
    from shoplake.operations.quarantine.preview import Preview

MAX_DAYS = 8
MAX_TABLES = 8


@dataclass(frozen=True)
class SummaryView:
    """How many records of a state are quarantined, by table and reason."""

    rows: Sequence[Mapping[str, Any]]
    config: Path
    state: str = "open"

    def render(self, console: Console) -> None:
        """Print one line per table and reason, and the next commands."""
        if not self.rows:
            console.print("No such records.")
            return
        table = text_table("table", "reason", "records", "oldest (UTC)", "newest (UTC)", numbers=["records"])
        for row in self.rows:
            times = [f"{row[name]:%Y-%m-%d %H:%M}" for name in ("oldest_at", "newest_at")]
            table.add_row(row["table"], row["reason"], format_number(row["records"]), *times)
        console.print(table)
        print_next_steps(console, command_line(*self._next_words(), config=self.config))

    def _next_words(self) -> tuple[str, ...]:
        """Return the command for the first line: what is open of a misread file cannot be corrected."""
        from shoplake.engine import MISREAD

        name, reason = self.rows[0]["table"], self.rows[0]["reason"]
        state = () if self.state == "open" else ("--state", self.state)
        if reason in MISREAD and not state:
            return "quarantine discard", name, "--reason", reason, "--because", '"landed again"'
        return "quarantine export", name, "--reason", reason, *state, "-o", "bad.ndjson"

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per table and reason."""
        return [plain(row) for row in self.rows]


@dataclass(frozen=True)
class RecordView:
    """One quarantined record, and the decisions about it."""

    table: str
    record: Mapping[str, Any]
    decisions: Sequence[Mapping[str, Any]]

    def render(self, console: Console) -> None:
        """Print its place, state, reasons and text, then each decision."""
        record = self.record
        lines = {
            "table": self.table,
            "record": record["record_id"],
            "feed": record["feed"],
            "place": place(record["file"], record["line"]),
            "state": record["state"],
            "reasons": ", ".join(record["reasons"]),
            "key": record["record_key"] or "cannot be read",
            "raw": record["raw"],
        }
        for label, value in lines.items():
            console.print(f"{label:<8} {value}", soft_wrap=True, markup=False, highlight=False)
        for each in self.decisions:
            at = f"{each['recorded_at']:%Y-%m-%d %H:%M} UTC"
            console.print(
                f"{at} {each['decision']} by {each['actor']}: {each['because']}", soft_wrap=True, markup=False
            )

    def to_json(self) -> dict[str, Any]:
        """Return the record with its table and decisions."""
        return {"table": self.table, **plain(self.record), "decisions": [plain(each) for each in self.decisions]}


@dataclass(frozen=True)
class ExportView:
    """How many records a file has."""

    records: int
    file: Path
    config: Path
    state: str = "open"

    def render(self, console: Console) -> None:
        """Print the count, and how to send the file back; records that are fixed are not corrected again."""
        count = f"{pluralize(self.records, 'record')} in {self.file}."
        console.print(count if self.state == "fixed" else f"{count} Correct `raw` and keep `record_id`.")
        if self.records and self.state != "fixed":
            words = ("quarantine", "fix", str(self.file), "--because", '"…"')
            print_next_steps(console, command_line(*words, config=self.config))

    def to_json(self) -> dict[str, Any]:
        """Return the count and the file."""
        return {"records": self.records, "file": str(self.file)}


@dataclass(frozen=True)
class DryRunView:
    """What a command would do: its verb, and the records of each table."""

    verb: str
    records: Mapping[str, int]
    previews: Mapping[str, Preview] = field(default_factory=dict)
    """What the records would come to, by table, where that is known."""

    def render(self, console: Console) -> None:
        """Print how many records of each table, how many would be valid, which still bad, and the days that change."""
        for table, count in self.records.items():
            console.print(f"Would {self.verb} {pluralize(count, 'record')} of {table}. Nothing is written.")
            if preview := self.previews.get(table):
                console.print(f"{format_number(preview.passed)} would be valid.")
                for reason, bad in sorted(preview.still_bad.items()):
                    console.print(f"{format_number(bad)} would still be bad: {reason}", style="yellow")
                if preview.days:
                    console.print(f"Days of {table} that change: {list_some(preview.days, MAX_DAYS)}")

    def to_json(self) -> dict[str, Any]:
        """Return the records by table, and what they would come to."""
        previews = {table: asdict(each) for table, each in self.previews.items()}
        return {"would": self.verb, "records": dict(self.records), "previews": previews}


@dataclass(frozen=True)
class LifeCycleView:
    """What a command did to quarantined records."""

    verb: str
    result: LifeCycleResult
    config: Path

    def render(self, console: Console) -> None:
        """Print how many records, how many are valid now, and which are still bad."""
        result = self.result
        console.print(f"{pluralize(result.records, 'record')} {self.verb}.", style="bold")
        if result.passed:
            console.print(f"{format_number(result.passed)} valid now.")
        for reason, count in sorted(result.still_bad.items()):
            console.print(f"{format_number(count)} still bad: {reason}", style="yellow")
        if result.tables:
            names = list_some(result.tables, MAX_TABLES)
            console.print(f"{pluralize(len(result.tables), 'table')} updated: {names}", soft_wrap=True)
        if result.still_bad:
            print_next_steps(console, command_line("quarantine list", config=self.config))

    def to_json(self) -> dict[str, Any]:
        """Return the counts and the tables."""
        return asdict(self.result)

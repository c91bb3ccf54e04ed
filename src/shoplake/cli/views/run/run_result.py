"""View of a run's result: new files, tables, speed, and what needs attention."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, format_number, format_percent, format_size, pluralize
from shoplake.cli.views.maintain.upkeep import UpkeepResultView, upkeep_line
from shoplake.listed_names import list_some
from shoplake.quality.gates import format_measure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from shoplake.pipeline.runner import RunResult, TableResult
    from shoplake.quality.gates import GateResult, Stop
    from shoplake.quality.quarantine_warnings import QuarantineWarning

MAX_NAMES = 5
REJECTED = (
    "ingested files whose content has changed. Give changed files a new name, or set "
    'on_changed_file = "replace" in [landing].'
)
UNREADABLE = (
    "files that are truncated or damaged, or cannot be opened. A later run reads them when their content changes, or "
    "when they can be opened."
)
MISREAD = (
    "files that do not fit their stream's options. What is not read as meant is quarantined. Options are declared in a "
    "kind of your own. For one of shoplake's kinds, export the file again as the shop writes it, or replace its stream."
)
DUPLICATE_COLUMNS = (
    "one field, several columns. Where their texts differ, the record is quarantined. Rename a column, or declare "
    "header=False, skip=1 and in `fields` a name for each."
)
UNMATCHED = "files that no stream of the feed's kind reads. `shoplake validate FILE` says why."
WHOLE = "An order is taken whole from its newest version, and nothing of it from an earlier file."
WAITING = (
    "records that wait for a record of another file, such as an item whose order has not arrived. They are in no table "
    "until a later run reads it. `shoplake quarantine waiting` lists them."
)
NEW_FIELDS = 'unknown fields, kept in bronze only. See ops.schema_changes, or set schema_drift = "quarantine".'


@dataclass(frozen=True)
class RunResultView:
    """The result of a run and how long it took.

    Of one that built nothing also how many new files it left alone, and which tables above the selected ones are out of
    date. `config` is the settings file of commands to type. A run that `ingests` none does not know of new files.
    """

    result: RunResult
    duration_s: float
    waiting_files: int = 0
    stale_tables: tuple[str, ...] = ()
    config: Path | None = None
    ingests: bool = True

    def render(self, console: Console) -> None:
        """Print the warnings, the records of each stream, then one line with files, records, tables and speed."""
        print_warnings(console, self.result, self.config)
        if not self.result.tables and not self.result.stops:
            console.print(f"{self._nothing()} ({self.duration_s:.1f} s)")
            self._print_maintenance(console)
            return
        tables = pluralize(len({table.table for table in self.result.tables}), "table")
        nothing = f"No new files; {tables}" if self.ingests else tables
        summary = f"{self._files()} into {tables}" if self.result.files else nothing
        speed = self._speed() if self.result.files else ""
        streams = [f"{format_number(rows)} of {name}" for name, rows in count_by_stream(self.result).items()]
        console.print()
        if streams:
            console.print(f"Records read: {', '.join(streams)}.")
        if replaced := replaced_rows(self.result):
            console.print(f"Replaced by later versions: {', '.join(replaced)}. {WHOLE}")
        console.print(f"{summary} in {self.duration_s:.1f} s{speed}", style="bold")
        self._print_maintenance(console)

    def _print_maintenance(self, console: Console) -> None:
        if (maintenance := self.result.maintenance) is not None and maintenance.done:
            console.print(upkeep_line(maintenance), soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the run with one object per table."""
        result, (records, events) = self.result, count_records(self.result)
        return {
            "run_id": result.run_id,
            "files": result.files,
            "bytes": result.bytes,
            "records": records,
            "events": events,
            "records_by_stream": count_by_stream(result),
            "duration_s": round(self.duration_s, 3),
            "oldest_file_at": result.oldest_file_at.isoformat() if result.oldest_file_at else None,
            "rejected": result.rejected,
            "unreadable": result.unreadable,
            "misread": result.misread,
            "duplicate_columns": result.duplicate_columns,
            "unmatched": result.unmatched,
            "new_fields": result.new_fields,
            "waiting": result.waiting,
            "warnings": [asdict(warning) for warning in result.warnings],
            "gates": [asdict(gate) for gate in result.gates],
            "stops": [asdict(stop) for stop in result.stops],
            "maintenance": UpkeepResultView(result.maintenance).to_json() if result.maintenance else None,
            "tables": [_table_to_json(table) for table in result.tables],
        }

    def _nothing(self) -> str:
        if not self.waiting_files and not self.stale_tables:
            return "Nothing new."
        files = [waiting_text(self.waiting_files)] if self.waiting_files else []
        of_others = f"out of date above it: {list_some(self.stale_tables, MAX_NAMES)}"
        waiting = "; ".join([*files, *([of_others] if self.stale_tables else [])])
        do = "Ingest" if files else "Update all"
        return f"Nothing to build of what is selected; {waiting}. {do} with shoplake run, without --select and --layer."

    def _files(self) -> str:
        records, _ = count_records(self.result)
        files = pluralize(self.result.files, "file")
        return f"{files}, {format_size(self.result.bytes)}, {pluralize(records, 'record')}"

    def _speed(self) -> str:
        records, _ = count_records(self.result)
        rate = round(records / self.duration_s) if records else 0
        return f": {format_number(rate)} records/s" if rate > 1 else ""


def waiting_text(files: int) -> str:
    """Return how many new files wait."""
    return "1 new file waits" if files == 1 else f"{format_number(files)} new files wait"


def print_warnings(console: Console, result: RunResult, config: Path | None = None) -> None:
    """Print files that were not ingested or are misread, new fields, and tables that are stopped or much quarantined.

    The command that accepts a stop is that for the settings file `config`.
    """
    _print_warning(console, "red", "REJECTED", result.rejected, REJECTED)
    _print_warning(console, "red", "UNREADABLE", result.unreadable, UNREADABLE)
    _print_warning(console, "red", "MISREAD", result.misread, MISREAD)
    _print_warning(console, "yellow", "DUPLICATE COLUMNS", result.duplicate_columns, DUPLICATE_COLUMNS)
    print_unmatched(console, result.unmatched)
    _print_warning(console, "yellow", "NEW FIELDS", result.new_fields, NEW_FIELDS)
    waiting = [f"{table}: {format_number(records)}" for table, records in result.waiting.items()]
    _print_warning(console, "yellow", "WAITING", waiting, WAITING, sum(result.waiting.values()))
    for warning in result.warnings:
        console.print(_warning_line(warning), style="bold yellow", soft_wrap=True)
    for gate in result.gates:
        console.print(_gate_line(gate), style="bold yellow", soft_wrap=True)
    for stop in result.stops:
        console.print(_stop_line(stop), style="bold red", soft_wrap=True)
        if stop.not_built:
            console.print(f"  not built: {list_some(stop.not_built, MAX_NAMES)}", style="red", soft_wrap=True)
        accept = command_line("run", f'--accept {stop.table}.{stop.rule} --because "…"', config=config)
        console.print(f"  mend the files, or accept it once: {accept}", style="red", soft_wrap=True)


def print_unmatched(console: Console, names: Sequence[str]) -> None:
    """Print the files that no stream reads."""
    _print_warning(console, "yellow", "UNMATCHED", names, UNMATCHED)


def count_by_stream(result: RunResult) -> dict[str, int]:
    """Return the raw records that a run ingested, by what they are of: `events`, `orders` …, the most first."""
    counts = Counter[str]()
    for table in result.tables:
        layer, _, name = table.table.partition(".")
        if layer == "bronze" and table.result.rows_read:
            counts[name.removesuffix("_raw").replace("_", " ")] += table.result.rows_read
    return dict(counts.most_common())


def replaced_rows(result: RunResult) -> list[str]:
    """Return for each table the rows of documents of which a newer version came, now or before, as text."""
    counts = Counter[str]()
    for table in result.tables:
        counts[table.table] += table.result.rows_superseded + table.result.rows_outdated
    return [f"{pluralize(rows, 'row')} of {name}" for name, rows in counts.items() if rows]


def count_records(result: RunResult) -> tuple[int, int]:
    """Return the raw records that a run ingested, and how many of them are events."""
    bronze = [table for table in result.tables if table.table.startswith("bronze.")]
    events = [table for table in bronze if table.table == "bronze.events_raw"]
    return sum(table.result.rows_read for table in bronze), sum(table.result.rows_read for table in events)


def _print_warning(
    console: Console, colour: str, title: str, names: Sequence[str], explanation: str, count: int | None = None
) -> None:
    if not names:
        return
    number = format_number(len(names) if count is None else count)
    console.print(f"{title} {number}: {explanation}", style=f"bold {colour}", soft_wrap=True)
    for name in names[:MAX_NAMES]:
        console.print(f"  {name}", style=colour, soft_wrap=True)
    if len(names) > MAX_NAMES:
        console.print(f"  … and {format_number(len(names) - MAX_NAMES)} more", style=colour)


def _warning_line(warning: QuarantineWarning) -> str:
    counts = f"{format_number(warning.rows_quarantined)} of {format_number(warning.rows_read)}"
    examples = f": {', '.join(warning.examples)}" if warning.examples else ""
    share = format_percent(warning.rows_quarantined / warning.rows_read)
    return f"WARN {warning.table}: {share} quarantined ({counts}), {warning.rule}{examples}"


def _gate_line(gate: GateResult) -> str:
    expected = f"{format_measure(gate.low)} to {format_measure(gate.high)}"
    return f"WARN {gate.table}: {gate.gate} of {gate.slice} is {format_measure(gate.value)}, expected {expected}"


def _stop_line(stop: Stop) -> str:
    if stop.measured:
        first, more = stop.measured[0], len(stop.measured) - 1
        rest = f" (and {more} more)" if more else ""
        expected = f"expected {format_measure(first.low)} to {format_measure(first.high)}"
        value = f"{first.gate} of {first.slice} is {format_measure(first.value)}, {expected}{rest}"
        return f"STOP {stop.table}: {value}. Readers keep the old rows."
    counts = f"{format_number(stop.rows_violating)} of {format_number(stop.rows_read)}"
    share, limit = format_percent(stop.rows_violating / stop.rows_read), format_percent(stop.stop_above)
    return f"STOP {stop.table}: {share} violate {stop.rule} ({counts}), more than {limit}. Readers keep the old rows."


def _table_to_json(table: TableResult) -> dict[str, Any]:
    return {
        "table": table.table,
        "rows_read": table.result.rows_read,
        "rows_written": table.result.rows_written,
        "rows_quarantined": table.result.rows_quarantined,
        "rows_duplicate": table.result.rows_duplicate,
        "rows_conflicting": table.result.rows_conflicting,
        "rows_superseded": table.result.rows_superseded,
        "rows_replaced": table.result.rows_replaced,
        "violations": dict(table.result.violations),
        "rows": table.row_count,
        "version": table.version,
        "duration_s": round(table.duration_s, 3),
    }

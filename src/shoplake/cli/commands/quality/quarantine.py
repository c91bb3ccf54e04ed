"""Commands about quarantined records: quarantine list, show, export, fix, replay, discard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import OutputFile, Reason, config_option, json_option, open_lake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.lake import Lake
    from shoplake.operations.quarantine.preview import Preview

STATES = ("open", "superseded", "fixed", "discarded", "any")

reason_option = click.option("--reason", metavar="RULE", help="Only records that violate this rule.")
because_option = click.option("--because", type=Reason(), required=True, metavar="TEXT", help="Why; kept in ops.audit.")
state_option = click.option(
    "--state", type=click.Choice(STATES), default="open", show_default=True, help="Only records of this state."
)


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake quarantine list silver.events")
def quarantine() -> None:
    """Show, correct, replay and discard invalid records."""


@quarantine.command("list", epilog="Example: shoplake quarantine list silver.events --reason price_fits_type")
@click.argument("table", required=False)
@reason_option
@state_option
@config_option
@json_option
def list_(table: str | None, reason: str | None, state: str, config: Path, as_json: bool) -> None:
    """Count quarantined records by table and reason."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.quarantine import SummaryView

    emit(SummaryView(lake.quarantine_summary(table, _filter(reason, state)), config, state), as_json)


@quarantine.command(epilog="Example: shoplake quarantine show 3f1c09aa52d1be07")
@click.argument("record_id")
@config_option
@json_option
def show(record_id: str, config: Path, as_json: bool) -> None:
    """Print one record: its text, its place, the rules that it violates, and what was decided."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.quarantine import RecordView

    found = lake.quarantined_records([record_id])
    [(table, records)] = list(found.items())[:1]
    emit(RecordView(table.qualified_name, records[0], lake.decisions(record_id)), as_json)


@quarantine.command(epilog="Example: shoplake quarantine export silver.events -o bad.ndjson")
@click.argument("table")
@click.option("-o", "--output", type=OutputFile(), required=True, help="File of one JSON object per record.")
@reason_option
@state_option
@config_option
@json_option
def export(table: str, output: Path, reason: str | None, state: str, config: Path, as_json: bool) -> None:
    """Write quarantined records to a file. Correct `raw` in it and give it to `quarantine fix`."""
    lake = open_lake(config)
    from shoplake.cli.output import emit, write_replacement
    from shoplake.cli.views.quality.quarantine import ExportView
    from shoplake.operations.quarantine.life_cycle import to_fix_line

    records = lake.select_quarantined(table, _filter(reason, state))
    write_replacement(output, "".join(f"{to_fix_line(record)}\n" for record in records))
    emit(ExportView(len(records), output, config, state), as_json)


@quarantine.command(epilog='Example: shoplake quarantine fix bad.ndjson --because "ticket 41"')
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=False)
@click.option("--table", metavar="TABLE", help="Correct the open records of this table, instead of FILE.")
@reason_option
@click.option(
    "--set", "values", multiple=True, metavar="FIELD=VALUE", help="Value of a field, with --table. Repeatable."
)
@because_option
@click.option(
    "--dry-run", is_flag=True, help="Print how many would be valid, still bad, and on which days. Writes nothing."
)
@config_option
@json_option
@click.pass_context
def fix(
    ctx: click.Context,
    file: Path | None,
    table: str | None,
    reason: str | None,
    values: tuple[str, ...],
    because: str,
    dry_run: bool,
    config: Path,
    as_json: bool,
) -> None:
    """Ingest corrected records instead of those that they replace.

    Each line of FILE has the `record_id` of a quarantined record and the corrected text in `raw`. With --table
    and --set, fields of the open records of a table get another value. The same correction twice changes nothing.
    """
    fields = check_fix_options(file, table, reason, values)
    lake = open_lake(config)
    from shoplake.operations.quarantine.corrections import FixFile

    corrections = (
        FixFile.read(file) if file else FixFile.of(lake.set_fields(str(table), _filter(reason, "open"), fields))
    )
    by_table = lake.tables_of_fix(corrections)
    if dry_run:
        counts = {each: len(some) for each, some in by_table.items()}
        _emit_dry_run("correct", counts, as_json, lake.preview_fix(corrections, by_table))
        return
    if table is not None:
        by_table.setdefault(lake.with_quarantine(table), [])
    with _life_cycle(lake, as_json) as cycle:
        result = cycle.fix(corrections, by_table, because)
    _finish(ctx, "corrected", result, config, as_json)


def check_fix_options(
    file: Path | None, table: str | None, reason: str | None, values: tuple[str, ...]
) -> dict[str, str]:
    """Return the values of --set by field. Rejects a FILE beside --table, and one of --table and --set alone."""
    if (file is None) == (table is None):
        raise click.UsageError("Name a FILE of corrections, or --table TABLE with --set FIELD=VALUE.")
    if (table is None) != (not values) or (reason and table is None):
        raise click.UsageError("--table, --set and --reason go together: --table TABLE --set FIELD=VALUE.")
    fields = {}
    for each in values:
        name, sign, value = each.partition("=")
        if not sign or not name:
            raise click.UsageError(f"--set '{each}' is no FIELD=VALUE.")
        fields[name] = value
    return fields


@quarantine.command(epilog="Example: shoplake quarantine replay silver.events --reason price_fits_type")
@click.argument("table")
@reason_option
@click.option(
    "--dry-run", is_flag=True, help="Print how many would be valid, still bad, and on which days. Writes nothing."
)
@config_option
@json_option
@click.pass_context
def replay(ctx: click.Context, table: str, reason: str | None, dry_run: bool, config: Path, as_json: bool) -> None:
    """Evaluate the open records of a table again, by the rules and code of today; exit 1 if some are still bad."""
    lake = open_lake(config)
    declared = lake.with_quarantine(table)
    if dry_run:
        counts = {declared: len(lake.select_quarantined(table, _filter(reason, "open")))}
        _emit_dry_run("evaluate", counts, as_json, lake.preview_replay(table, reason))
        return
    with _life_cycle(lake, as_json) as cycle:
        result = cycle.replay(declared, reason)
    _finish(ctx, "evaluated", result, config, as_json)


@quarantine.command(epilog='Example: shoplake quarantine discard silver.events --reason is_test --because "test shop"')
@click.argument("table")
@click.argument("record_ids", nargs=-1)
@reason_option
@because_option
@click.option("--dry-run", is_flag=True, help="Print how many records would be discarded. Writes nothing.")
@config_option
@json_option
@click.pass_context
def discard(
    ctx: click.Context,
    table: str,
    record_ids: tuple[str, ...],
    reason: str | None,
    because: str,
    dry_run: bool,
    config: Path,
    as_json: bool,
) -> None:
    """Decide that open records of a table do not count: those of RECORD_IDS, or of --reason."""
    if not record_ids and reason is None:
        raise click.UsageError("Name the records, or --reason RULE for all that violate it.")
    lake = open_lake(config)
    declared = lake.with_quarantine(table)
    selection = _filter(reason, "open", record_ids)
    if dry_run:
        _emit_dry_run("discard", {declared: len(lake.select_quarantined(table, selection))}, as_json)
        return
    with _life_cycle(lake, as_json) as cycle:
        result = cycle.discard(declared, selection, because)
    _finish(ctx, "discarded", result, config, as_json)


def _filter(reason: str | None, state: str, ids: tuple[str, ...] = ()) -> Any:
    from shoplake.operations.quarantine.records import RecordFilter

    return RecordFilter(reason, None if state == "any" else state, ids)


def _life_cycle(lake: Lake, as_json: bool) -> Any:
    from contextlib import contextmanager

    from shoplake.cli.console import open_console
    from shoplake.cli.progress.run_progress import RunProgressView

    @contextmanager
    def opened() -> Iterator[Any]:
        console = open_console(stderr=as_json)
        with (
            RunProgressView(console, quiet=as_json and not console.is_terminal) as progress,
            lake.quarantine_life_cycle(progress) as cycle,
        ):
            yield cycle

    return opened()


def _emit_dry_run(
    verb: str, counts: dict[Table[...], int], as_json: bool, previews: Mapping[str, Preview] | None = None
) -> None:
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.quarantine import DryRunView

    records = {table.qualified_name: count for table, count in counts.items()}
    emit(DryRunView(verb, records, previews or {}), as_json)


def _finish(ctx: click.Context, verb: str, result: Any, config: Path, as_json: bool) -> None:
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.quarantine import LifeCycleView

    emit(LifeCycleView(verb, result, config), as_json)
    ctx.exit(1 if result.still_bad else 0)

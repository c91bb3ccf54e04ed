"""Commands that maintain the files of tables: maintain optimize, vacuum, history, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import Moment, config_option, json_option, open_lake

if TYPE_CHECKING:
    from datetime import datetime

    from shoplake.cli.output import View
    from shoplake.lake import Lake
    from shoplake.operations.maintenance import Maintenance


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake maintain vacuum --days 30")
def maintain() -> None:
    """Compact, clean up and restore the files of tables.

    A run cleans up at its end, once a day, as [maintenance] in the settings says. Old versions can be read until
    `vacuum` deletes their files.
    """


@maintain.command(epilog="Example: shoplake maintain optimize silver.events")
@click.argument("table", required=False)
@config_option
@json_option
def optimize(table: str | None, config: Path, as_json: bool) -> None:
    """Compact small files, of one table or all."""
    lake = open_lake(config)
    with lake.maintain() as maintenance:
        files = maintenance.optimize(_select_tables(lake, maintenance, table))
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.maintenance import FileCountsView

    emit(FileCountsView(files, "compacted"), as_json)


@maintain.command(epilog="Example: shoplake maintain vacuum --days 30")
@click.argument("table", required=False)
@click.option(
    "--days", type=click.IntRange(min=7), default=7, show_default=True, help="Retention of old versions in days."
)
@config_option
@json_option
def vacuum(table: str | None, days: int, config: Path, as_json: bool) -> None:
    """Delete unused files, also those of failed writes.

    Versions older than the retention can no longer be read or restored.
    """
    lake = open_lake(config)
    with lake.maintain() as maintenance:
        files = maintenance.vacuum(_select_tables(lake, maintenance, table), days)
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.maintenance import FileCountsView

    emit(FileCountsView(files, "deleted"), as_json)


@maintain.command(epilog="Example: shoplake maintain history gold.sales_daily")
@click.argument("table")
@config_option
@json_option
def history(table: str, config: Path, as_json: bool) -> None:
    """List the commits of a table, newest first."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.maintenance import CommitsView

    emit(CommitsView(lake.history(table)), as_json)


@maintain.command(epilog="Example: shoplake maintain restore --at 2026-03-29T14:00")
@click.argument("table", required=False)
@click.option("--version", type=click.IntRange(min=0), help="Version of the table to restore.")
@click.option("--at", type=Moment(), help="Restore all tables to this moment (UTC, or with an offset).")
@click.option("--dry-run", is_flag=True, help="With --at: print the versions. Writes nothing.")
@config_option
@json_option
def restore(
    table: str | None, version: int | None, at: datetime | None, dry_run: bool, config: Path, as_json: bool
) -> None:
    """Restore a table, or all tables to a moment.

    One table stays as it is until a run rebuilds it. After --at the next run ingests what has arrived since, as the
    state of the lake is restored too. The moment is one at which no run was at work.
    """
    check_restore_options(table, version, at, dry_run=dry_run)
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.maintenance import RestoreView

    if at is not None:
        return emit(_restore_lake(lake, at, config, dry_run=dry_run), as_json)
    assert table is not None and version is not None
    name = lake.find(table).qualified_name
    with lake.maintain() as maintenance:
        maintenance.restore(name, version)
    return emit(RestoreView(name, version, config), as_json)


def check_restore_options(table: str | None, version: int | None, at: datetime | None, *, dry_run: bool) -> None:
    """Reject anything but a table with its version, or a moment, as wrong usage."""
    if at is None and (table is None or version is None):
        raise click.UsageError("Name a table and its --version, or a moment with --at for all tables.")
    if at is not None and (table is not None or version is not None):
        raise click.UsageError("--at restores all tables. Leave out the table and --version.")
    if dry_run and at is None:
        raise click.UsageError("--dry-run needs --at.")


def _restore_lake(lake: Lake, at: datetime, config: Path, *, dry_run: bool) -> View:
    from shoplake.cli.console import open_console
    from shoplake.cli.progress.step_progress import StepProgressView
    from shoplake.cli.views.maintain.maintenance import RestoredLakeView, RestorePlanView

    if dry_run:
        return RestorePlanView(lake.restore_plan(at))
    with StepProgressView(open_console(stderr=True), "restoring") as progress:
        return RestoredLakeView(lake.restore(at, progress), config)


def _select_tables(lake: Lake, maintenance: Maintenance, name: str | None) -> list[str]:
    """Return the table of a name, or all that were built."""
    return maintenance.written(lake.known) if name is None else [name]

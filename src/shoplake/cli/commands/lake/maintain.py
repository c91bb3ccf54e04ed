"""Commands that maintain the files of tables: maintain optimize, vacuum, history, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import config_option, json_option, open_lake

if TYPE_CHECKING:
    from shoplake.lake import Lake


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake maintain vacuum --days 30")
def maintain() -> None:
    """Compact, clean up and restore the files of tables.

    A run compacts tables with many small files by itself. Old versions stay until `vacuum` deletes their files.
    """


@maintain.command(epilog="Example: shoplake maintain optimize silver.events")
@click.argument("table", required=False)
@config_option
@json_option
def optimize(table: str | None, config: Path, as_json: bool) -> None:
    """Compact small files, of one table or all."""
    lake = open_lake(config)
    with lake.maintain() as maintenance:
        files = maintenance.optimize(_select_tables(lake, table))
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
        files = maintenance.vacuum(_select_tables(lake, table), days)
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


@maintain.command(epilog="Example: shoplake maintain restore gold.sales_daily --version 12")
@click.argument("table")
@click.option("--version", type=click.IntRange(min=0), required=True, help="Version to restore.")
@config_option
@json_option
def restore(table: str, version: int, config: Path, as_json: bool) -> None:
    """Make an earlier version of a table the current one.

    It stays current until a run rebuilds the table. To rebuild it: shoplake run --full-refresh --select TABLE
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.maintenance import RestoreView

    name = lake.find(table).qualified_name
    with lake.maintain() as maintenance:
        maintenance.restore(name, version)
    emit(RestoreView(name, version, config), as_json)


def _select_tables(lake: Lake, name: str | None) -> list[str]:
    return list(lake.known) if name is None else [name]

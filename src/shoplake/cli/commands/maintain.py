"""`shoplake maintain`: the care of the tables' files. Light, for cli.py to import; what is heavy is inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shoplake.cli.options import config_option, json_option, opened, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import Table
    from shoplake.lake import Lake
    from shoplake.operations.table_maintenance import Commit


@click.group(epilog="Example: shoplake maintain vacuum --days 30")
def maintain() -> None:
    """Keep the tables' files few, current and whole.

    A run puts small files together by itself where many gather. Old versions stay until `vacuum` deletes their files.
    """


@maintain.command(epilog="Example: shoplake maintain optimize silver.events")
@click.argument("table", required=False)
@config_option
@json_option
def optimize(table: str | None, config: Path, as_json: bool) -> None:
    """Put small files together, of one table or all."""
    lake = opened(config)
    with lake.maintain() as upkeep:
        done = upkeep.optimize(_chosen(lake, table))
    _show(done, "put together", as_json=as_json)


@maintain.command(epilog="Example: shoplake maintain vacuum --days 30")
@click.argument("table", required=False)
@click.option("--days", type=click.IntRange(min=7), default=7, show_default=True, help="Keep versions this long.")
@config_option
@json_option
def vacuum(table: str | None, days: int, config: Path, as_json: bool) -> None:
    """Delete files no longer needed, also those of failed writes.

    Versions older than that cannot be read or restored afterwards.
    """
    lake = opened(config)
    with lake.maintain() as upkeep:
        done = upkeep.vacuum(_chosen(lake, table), days)
    _show(done, "deleted", as_json=as_json)


@maintain.command(epilog="Example: shoplake maintain history gold.sales_daily")
@click.argument("table")
@config_option
@json_option
def history(table: str, config: Path, as_json: bool) -> None:
    """List a table's versions, the newest first."""
    lake = opened(config)
    commits = lake.history(table)
    if as_json:
        return print_json([_as_data(each) for each in commits])
    from shoplake.cli.console import console, grid, number

    shown = grid("version", "at (UTC)", "by", numbers=["version"])
    for each in commits:
        shown.add_row(number(each.version), f"{each.at:%Y-%m-%d %H:%M:%S}", each.operation)
    return console().print(shown)


@maintain.command(epilog="Example: shoplake maintain restore gold.sales_daily --version 12")
@click.argument("table")
@click.option("--version", type=click.IntRange(min=0), required=True, help="The version to go back to.")
@config_option
def restore(table: str, version: int, config: Path) -> None:
    """Make an earlier version of a table the current one.

    It stays so until a run has reason to build it again. To have one do it: shoplake run --full-refresh --select TABLE
    """
    lake = opened(config)
    found = _found(lake, table)
    with lake.maintain() as upkeep:
        upkeep.restore(table, version)
    from shoplake.cli.console import command, console, next_steps

    out, name = console(), found.qualified_name
    out.print(f"{name} is again what it was at version {version}.")
    next_steps(out, command("run", "--full-refresh", "--select", found.name, config=config) + "   # to build it again")


def _chosen(lake: Lake, name: str | None) -> Iterable[str]:
    return list(lake.known) if name is None else [name]


def _found(lake: Lake, name: str) -> Table[...]:
    from shoplake.cli.views.tables import found

    return found(lake, name)


def _as_data(commit: Commit) -> dict[str, Any]:
    return {"version": commit.version, "at": commit.at.isoformat(), "operation": commit.operation}


def _show(done: dict[str, int], what: str, *, as_json: bool) -> None:
    """The files by table, of those that had any, and their sum."""
    if as_json:
        return print_json(done)
    from shoplake.cli.console import console, counted, grid, number

    out, shown = console(), grid("table", "files", numbers=["files"])
    for name, files in done.items():
        if files:
            shown.add_row(name, number(files))
    if shown.row_count:
        out.print(shown)
    return out.print(f"{counted(sum(done.values()), 'file')} {what} in {counted(len(done), 'table')}.")

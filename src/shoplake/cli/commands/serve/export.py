"""The command that exports tables and definitions: export."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake

LAYERS = ("bronze", "silver", "gold")


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake export --all --to shop.duckdb")
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--all", "is_all", is_flag=True, help="Export every table of the layer.")
@click.option(
    "--layer",
    "layers",
    type=click.Choice(LAYERS),
    multiple=True,
    help="With --all: export this layer, gold by default. Repeatable.",
)
@click.option("--to", "target", help="DIR, FILE.duckdb, FILE.xlsx or postgresql://USER@HOST/DATABASE.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["parquet", "csv", "duckdb", "xlsx", "postgresql"]),
    help="Format; by default the target says it, and a folder has Parquet.",
)
@click.option("--with-personal", is_flag=True, help="Export personal columns too. They are left out by default.")
@click.option("--definitions", type=click.Choice(["ossie"]), help="Write definitions as YAML instead of rows.")
@config_option
@json_option
def export(
    tables: tuple[str, ...],
    is_all: bool,
    layers: tuple[str, ...],
    target: str | None,
    format_: str | None,
    with_personal: bool,
    definitions: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Export tables of the last finished run for BI tools.

    An export replaces the one before it in one step. The table _shoplake in it has the versions.
    """
    if definitions is not None:
        _export_definitions(tables, layers, target, config)
        return
    if bool(tables) == is_all:
        raise click.UsageError("Name tables, or use --all." if not tables else "Name tables or use --all, not both.")
    if layers and not is_all:
        raise click.UsageError("--layer goes with --all.")
    if target is None:
        raise click.UsageError(
            "Name a destination: --to DIR, FILE.duckdb, FILE.xlsx or postgresql://USER@HOST/DATABASE"
        )
    from shoplake.cli.console import open_console
    from shoplake.cli.output import emit
    from shoplake.cli.views.export import ExportProgressView, ExportView
    from shoplake.serve.export.destinations.targets import parse_target
    from shoplake.serve.export.export import DEFAULT_LAYERS, export_tables

    destination, lake = parse_target(target, format_), open_lake(config)
    with ExportProgressView(open_console(), quiet=as_json) as progress:
        result = export_tables(
            lake,
            destination,
            tables,
            layers=layers or DEFAULT_LAYERS,
            with_personal=with_personal,
            listener=progress.written,
        )
    emit(ExportView(result), as_json)


def _export_definitions(tables: tuple[str, ...], layers: tuple[str, ...], target: str | None, config: Path) -> None:
    from shoplake.cli.output import write_replacement
    from shoplake.serve.export.ossie import write_definitions

    lake = open_lake(config)
    text = write_definitions(lake.catalog, tables, layers or ("gold",))
    if target is None:
        click.echo(text, nl=False)
    else:
        write_replacement(Path(target), text)
        click.echo(f"Definitions are in {target}.")

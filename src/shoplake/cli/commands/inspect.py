"""Commands that show tables: tables, describe, versions, explain."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake tables | grep gold")
@config_option
@json_option
def tables(config: Path, as_json: bool) -> None:
    """List all tables with their row counts."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.inspect.tables import TableListView

    emit(TableListView.of(open_lake(config)), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake describe gold.sales_daily")
@click.argument("table")
@config_option
@json_option
def describe(table: str, config: Path, as_json: bool) -> None:
    """Show a table's columns, key, rules, inputs and location."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.inspect.tables import TableView

    emit(TableView.of(open_lake(config), table), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake versions silver.products P000001")
@click.argument("table")
@click.argument("key")
@config_option
@json_option
def versions(table: str, key: str, config: Path, as_json: bool) -> None:
    """Show all versions of a customer or product (SCD type 2)."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.inspect.row_versions import RowVersionsView

    emit(RowVersionsView.of(open_lake(config), table, key), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake explain gold.sales_daily")
@click.argument("table")
@config_option
@json_option
def explain(table: str, config: Path, as_json: bool) -> None:
    """Show a table's last run and its physical plan."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.inspect.explain import ExplainView

    emit(ExplainView.of(open_lake(config), table), as_json)

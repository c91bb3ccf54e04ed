"""The command that queries tables: sql."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import OutputFile, config_option, open_lake


@click.command(cls=ShoplakeCommand, epilog='Example: shoplake sql "SELECT * FROM gold.sales_daily" --format csv')
@click.argument("query")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
    help="Format of the result.",
)
@click.option("--output", type=OutputFile(), help="File to write instead of stdout.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=40, show_default=True, help="Maximum rows of the table format."
)
@config_option
def sql(query: str, format_: str, output: Path | None, limit: int, config: Path) -> None:
    """Run a read-only Spark SQL query."""
    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is binary. Name a file with --output, or pipe the output.")
    lake = open_lake(config)
    from shoplake.cli.views.inspect.query_result import QueryResultView

    QueryResultView(lake.sql(query).to_arrow(), limit).write(format_, output)

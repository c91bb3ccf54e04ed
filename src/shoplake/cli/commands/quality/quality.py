"""Commands that check the data: quality, verify."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake quality --all")
@click.option("--run", "run_id", metavar="ID", help="Run to report. By default the last run of each table.")
@click.option("--all", "shows_all", is_flag=True, help="Include the rules and columns with status PASS.")
@config_option
@json_option
def quality(run_id: str | None, shows_all: bool, config: Path, as_json: bool) -> None:
    """Report row counts, violated rules and nulls per table."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.quality_report import QualityReportView

    emit(QualityReportView.of(open_lake(config), run_id, shows_all=shows_all), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake verify --json")
@config_option
@json_option
@click.pass_context
def verify(ctx: click.Context, config: Path, as_json: bool) -> None:
    """Check files, checksums and totals; exit 1 on a problem."""
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.verify import VerifyView

    problems = lake.verify()
    emit(VerifyView(lake, problems), as_json)
    ctx.exit(1 if problems else 0)

"""Command that profiles a table, and proposes rules for it."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake profile silver.events --propose")
@click.argument("table")
@click.option("--propose", is_flag=True, help="Also print rules that the rows suggest, as code for rules.py.")
@config_option
@json_option
def profile(table: str, propose: bool, config: Path, as_json: bool) -> None:
    """Show nulls, distinct values and range of each column.

    Rules are learnt from the first 80 % of the days of the table, and proposed where no row of the others breaks them.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.profile import ProfileView

    emit(ProfileView(lake.profile(table, proposes=propose), propose), as_json)

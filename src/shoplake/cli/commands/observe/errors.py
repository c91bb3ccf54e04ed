"""The command errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake errors --last")
@click.option("--last", is_flag=True, help="Show only the error that was seen last.")
@config_option
@json_option
def errors(last: bool, config: Path, as_json: bool) -> None:
    """List the errors that ended runs, with counts.

    Quoted texts, addresses and numbers in messages are masked: they may be values of records.
    """
    from shoplake.cli.output import emit
    from shoplake.cli.views.observe.errors import ErrorsView

    found = open_lake(config).errors()
    emit(ErrorsView(found[:1] if last else found), as_json)

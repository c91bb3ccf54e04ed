"""The command quarantine waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake quarantine waiting silver.order_lines")
@click.argument("table", required=False)
@config_option
@json_option
def waiting(table: str | None, config: Path, as_json: bool) -> None:
    """List the records that wait for a record of another file, such as an item whose order has not arrived.

    They are in no table and in no quarantine until a run reads the other record.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.waiting import WaitingView

    emit(WaitingView(lake.waiting_records(table)), as_json)

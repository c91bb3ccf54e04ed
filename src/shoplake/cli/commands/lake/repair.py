"""The command that mends a damaged lake: repair."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake repair")
@config_option
@json_option
@click.pass_context
def repair(ctx: click.Context, config: Path, as_json: bool) -> None:
    """Mend damaged tables; exit 1 if rows are lost.

    Rebuilds silver and gold from bronze, bronze from the landing files, and the
    state store from both. Damaged files move to _damaged in the lake.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.repair import RepairView

    view = RepairView(lake.repair(), config)
    emit(view, as_json)
    ctx.exit(0 if view.is_success else 1)

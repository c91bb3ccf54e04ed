"""The command `repair`. Light, for cli.py to import."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.options import config_option, json_option, opened, print_json


@click.command(epilog="Example: shoplake repair")
@config_option
@json_option
@click.pass_context
def repair(ctx: click.Context, config: Path, as_json: bool) -> None:
    """Mend damaged tables; exit 1 if rows are lost.

    Rebuilds silver and gold from bronze, bronze from the landing files, and the
    state store from both. Damaged files move to _damaged in the lake.
    """
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views.repair import RepairView

    view = RepairView(lake.repair(), config)
    if as_json:
        print_json(view.to_json())
    else:
        view.render(console())
    ctx.exit(0 if view.is_success else 1)

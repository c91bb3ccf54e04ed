"""The command `check-source`. Light, for cli.py to import."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.options import FOLDER, json_option, print_json


@click.command(epilog="Example: shoplake check-source retailrocket downloads/")
@click.argument("kind")
@click.argument("path", type=FOLDER)
@json_option
@click.pass_context
def check_source(ctx: click.Context, kind: str, path: Path, as_json: bool) -> None:
    """Compare files with those published; exit 1 if they differ."""
    from shoplake.cli.console import console
    from shoplake.cli.views import source_check

    found = source_check.checked(source_check.kind_of(kind), path)
    if as_json:
        print_json(source_check.as_data(found))
    else:
        source_check.show(console(), found)
    ctx.exit(0 if all(each.is_good for each in found) else 1)

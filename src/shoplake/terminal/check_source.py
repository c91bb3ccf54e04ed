"""The command `check-source`. Light, for cli.py to import."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.terminal.options import FOLDER, json_option, print_json


@click.command(epilog="Example: shoplake check-source retailrocket downloads/")
@click.argument("kind")
@click.argument("path", type=FOLDER)
@json_option
@click.pass_context
def check_source(ctx: click.Context, kind: str, path: Path, as_json: bool) -> None:
    """Compare files with those published; exit 1 if they differ."""
    from shoplake.terminal import source
    from shoplake.terminal.screen import console

    found = source.checked(source.kind_of(kind), path)
    if as_json:
        print_json(source.as_data(found))
    else:
        source.show(console(), found)
    ctx.exit(0 if all(each.is_good for each in found) else 1)

"""The command `generate`. Light, for cli.py to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from shoplake.cli.options import CONFIG, FOLDER, SIMULATED, check_generate, json_option, of_kind, print_json


@click.command(epilog="Example: shoplake generate --landing landing --events 1000000 --error-rate 0.02")
@click.option("--kind", type=click.Choice(SIMULATED), default="zenith", show_default=True, help="What shape of files.")
@click.option("--landing", type=FOLDER, default=Path("landing"), show_default=True, help="The folder to write into.")
@click.option("--events", type=click.IntRange(min=1), default=100_000, show_default=True, help="Clean events, about.")
@click.option("--customers", type=click.IntRange(min=1), default=2_000, show_default=True, help="Known customers.")
@click.option("--products", type=click.IntRange(min=1), default=500, show_default=True, help="Products.")
@click.option("--properties", type=click.IntRange(min=1), help="Records of item properties, for retailrocket: about.")
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True, help="Days that pass.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Another seed, another shop.")
@click.option(
    "--error-rate",
    type=click.FloatRange(0, 0.5),
    default=0.0,
    show_default=True,
    help="Bad records, as a share.",
)
@json_option
@click.pass_context
def generate(ctx: click.Context, /, kind: str, landing: Path, as_json: bool, **arguments: Any) -> None:
    """Let a pretend shop drop its files, with the truth of them."""
    asked = check_generate(ctx, kind, arguments)
    from shoplake.cli.console import command, console, next_steps
    from shoplake.cli.views import generate as pretend

    out = console(stderr=as_json)
    dropped = pretend.drop(out, landing, kind, **asked)
    if as_json:
        return print_json(pretend.as_data(dropped, landing))
    pretend.show(out, dropped, landing)
    first = [] if CONFIG.exists() else [command("init", *of_kind(kind), "--path", str(landing))]
    return next_steps(out, *first, command("run"))

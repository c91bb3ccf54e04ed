"""The entry point of a job's tasks: one command in the process that is there, which returns or raises.

Databricks finds it in the metadata of the wheel, calls it without arguments and puts the task's parameters into
`sys.argv`. A console command ends its process instead; this one leaves it alone.
"""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES = {"lake": "SHOPLAKE_LAKE", "catalog": "SHOPLAKE_CATALOG", "landing": "SHOPLAKE_LANDING_ROOT"}
"""What a job says of a lake, by the environment variable that says it to the settings of this process."""


class TaskFailedError(ShoplakeError):
    """The command of a task has ended with an exit code other than 0."""


def run_task() -> None:
    """Run the command in `sys.argv`, with the places that the options before it name.

    `shoplake-task --catalog shop --landing /Volumes/shop/landing/files --rows 0 run --layer bronze`

    Raises TaskFailedError where the command does not succeed, so that the task and its job fail.
    """
    read_task(list(sys.argv[1:]), standalone_mode=False, prog_name="shoplake-task")


@click.command(
    context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False},
    epilog="Example: shoplake-task --catalog shop run --layer silver",
)
@click.option("--lake", metavar="DIR", help="Folder of checkpoints and of what no catalog holds.")
@click.option("--catalog", metavar="NAME", help="Catalog of the tables.")
@click.option("--landing", metavar="DIR", help="Folder that relative paths of feeds begin in.")
@click.option("--rows", type=click.IntRange(min=0), default=0, help="Simulate so many records first; 0 for none.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND [ARGS]...")
def read_task(rows: int, words: tuple[str, ...], **places: str | None) -> None:
    """Run a command as a task of a job."""
    os.environ.update({PLACES[name]: place for name, place in places.items() if place})
    if rows:
        _run(_generate_words(rows, words))
    _run(words)


def _run(words: Sequence[str]) -> None:
    from shoplake.cli.main import main

    try:
        code = main(list(words), standalone_mode=False, prog_name="shoplake")
    except click.ClickException as error:
        raise TaskFailedError(f"shoplake {' '.join(words)}: {error.format_message()}") from error
    except click.exceptions.Abort as error:
        raise TaskFailedError(f"shoplake {' '.join(words)} was stopped.") from error
    if code:
        raise TaskFailedError(f"shoplake {' '.join(words)} ended with exit code {code}. Its output says why.")


def _generate_words(rows: int, words: Sequence[str]) -> list[str]:
    """Return the command that simulates `rows` records for the first feed whose kind can be simulated."""
    from shoplake.cli.commands.project import SIMULATED_KINDS
    from shoplake.cli.options import open_lake

    feeds = open_lake(_config(words)).settings.feeds
    for feed in feeds:
        if feed.kind.name in SIMULATED_KINDS:
            count = "--orders" if feed.kind.name == "shopify" else "--events"
            return ["generate", "--kind", feed.kind.name, "--landing", feed.path, count, str(rows)]
    kinds = ", ".join(sorted(SIMULATED_KINDS))
    raise TaskFailedError(f"--rows simulates feeds of the kinds {kinds}, and this lake has none. Leave --rows out.")


def _config(words: Sequence[str]) -> Path:
    from shoplake.cli.options import CONFIG

    return next((Path(value) for name, value in pairwise(words) if name == "--config"), CONFIG)

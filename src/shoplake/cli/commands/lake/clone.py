"""The command clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, json_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake clone /tmp/lake-copy")
@click.argument("folder", type=FOLDER)
@config_option
@json_option
def clone(folder: Path, config: Path, as_json: bool) -> None:
    """Make a lake with the same rows and state.

    Data files are hard links where the folder is on the same file system, so it takes seconds and hardly any space.
    Both lakes can be written to afterwards.
    """
    lake = open_lake(config)
    from shoplake.cli.console import open_console
    from shoplake.cli.output import emit
    from shoplake.cli.progress.step_progress import StepProgressView
    from shoplake.cli.views.maintain.clone import CloneView

    with StepProgressView(open_console(stderr=True), "cloning") as progress:
        files = lake.clone(folder, progress)
    emit(CloneView(files, folder.resolve(), config), as_json)

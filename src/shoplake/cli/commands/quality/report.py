"""Command that writes the report of a lake's quality."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import FOLDER, config_option, json_option, open_lake

PAGE = "index.html"


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake report -o report")
@click.option("-o", "--output", type=FOLDER, required=True, help="Folder that the page is written into.")
@config_option
@json_option
def report(output: Path, config: Path, as_json: bool) -> None:
    """Write a page about the lake's quality.

    It has status, freshness, gates, quarantine, history, lineage and cost of runs.

    It is one HTML file without scripts. The same lake makes the same file.
    """
    lake = open_lake(config)
    from shoplake.cli.output import emit, open_replacement
    from shoplake.cli.views.quality.report import ReportView

    page = lake.quality_report().encode()
    output.mkdir(parents=True, exist_ok=True)
    with open_replacement(output / PAGE) as file:
        file.write(page)
    emit(ReportView(output / PAGE, len(page)), as_json)

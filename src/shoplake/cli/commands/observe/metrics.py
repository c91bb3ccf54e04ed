"""The command metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import OutputFile, config_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake metrics -o /var/lib/node_exporter/shoplake.prom")
@click.option("-o", "--output", type=OutputFile(), help="Replace this file, instead of printing.")
@config_option
def metrics(output: Path | None, config: Path) -> None:
    """Print metrics of the lake for Prometheus."""
    text = open_lake(config).metrics()
    if output is None:
        click.echo(text, nl=False)
        return
    from shoplake.operations.observe.prometheus import write_metrics

    write_metrics(output, text)

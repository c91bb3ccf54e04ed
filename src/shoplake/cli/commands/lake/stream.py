"""The command that builds the tables without end, on Spark: stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import Duration, config_option, json_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    cls=ShoplakeCommand,
    epilog="Example: shoplake stream --interval 10s",
    renamed={"--every": "--interval", "--late": "--allowed-lateness"},
)
@click.option(
    "--interval",
    "interval_s",
    type=Duration(),
    help="Keep running, one batch per interval, until Ctrl-C or SIGTERM. By default one pass over all new files.",
)
@click.option(
    "--allowed-lateness",
    "allowed_lateness_s",
    type=Duration(),
    default="1h",
    show_default=True,
    help="Maximum lateness of events in ops.events_live (watermark).",
)
@config_option
@json_option
def stream(interval_s: float | None, allowed_lateness_s: float, config: Path, as_json: bool) -> None:
    """Ingest new files with Spark Structured Streaming."""
    from shoplake.cli.console import open_console
    from shoplake.cli.progress.stream_progress import run_stream

    console = open_console(stderr=as_json)
    run_stream(console, open_lake(config), interval_s, allowed_lateness_s, config=config, as_json=as_json)

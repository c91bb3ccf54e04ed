"""`shoplake stream`. Light, for cli.py to import; what is heavy is inside."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.options import Duration, config_option, json_option, opened


@click.command(epilog="Example: shoplake stream --interval 10s")
@click.option(
    "--interval", "interval_s", type=Duration(), help="Keep running, one batch this often, until Ctrl-C or SIGTERM."
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
    """Ingest new files with streaming queries on Spark, then end."""
    from shoplake.cli.console import console
    from shoplake.cli.views import stream_progress

    stream_progress.keep_up(console(stderr=as_json), opened(config), interval_s, allowed_lateness_s, as_json=as_json)

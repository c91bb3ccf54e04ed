"""`shoplake stream`. Light, for cli.py to import; what is heavy is inside."""

from __future__ import annotations

from pathlib import Path

import click

from shoplake.cli.options import Duration, config_option, json_option, opened


@click.command(epilog="Example: shoplake stream --every 10s")
@click.option("--every", "every_s", type=Duration(), help="Go on, a batch this often, until Ctrl-C or SIGTERM.")
@click.option("--late", "late_s", type=Duration(), default="1h", show_default=True, help="Live events may be so late.")
@config_option
@json_option
def stream(every_s: float | None, late_s: float, config: Path, as_json: bool) -> None:
    """Take in new files by streaming queries on Spark; then end."""
    from shoplake.cli.console import console
    from shoplake.cli.views import stream_progress

    stream_progress.keep_up(console(stderr=as_json), opened(config), every_s, late_s, as_json=as_json)

"""`shoplake spark`: the local Spark server. Light, for cli.py to import; what is heavy is inside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from shoplake.cli.options import json_option, print_json

if TYPE_CHECKING:
    from shoplake.engine import Server


@click.group(epilog="Example: shoplake spark status")
def spark() -> None:
    """Look after the Spark server that `remote = "local"` starts.

    It starts by itself when a command needs it, and stays until it is stopped.
    """


@spark.command(epilog="Example: shoplake spark status --json")
@json_option
def status(as_json: bool) -> None:
    """Say which local Spark servers run: this shoplake's, and those that another one of yours has started."""
    from shoplake.engine import list_servers, running_server

    own, found = running_server(), list_servers()
    if as_json:
        told = [
            {"pid": each.pid, "port": each.port, "log": each.log, "is_of_this_shoplake": each == own} for each in found
        ]
        return print_json({"runs": own is not None, "servers": told})
    if own is None:
        click.echo('It does not run. A lake with engine = "spark", remote = "local" starts it.')
    for each in found:
        click.echo(_since(each, "It" if each == own else "Another shoplake's"))
    return None


def _since(server: Server, whose: str) -> str:
    since = datetime.fromtimestamp(server.started_at, UTC)
    return (
        f"{whose} runs since {since:%Y-%m-%d %H:%M:%S} UTC: process {server.pid}, 127.0.0.1:{server.port}.\n"
        f"Its log: {server.log}"
    )


@spark.command(epilog="Example: shoplake spark stop")
def stop() -> None:
    """Stop the local Spark servers, also those that another shoplake of yours has started."""
    from shoplake.engine import stop_servers

    stopped = [f"Stopped process {server.pid}." for server in stop_servers()]
    click.echo("\n".join(stopped) or "It does not run.")

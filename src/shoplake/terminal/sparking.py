"""`shoplake spark`: the local Spark server. Light, for cli.py to import; what is heavy is inside."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from shoplake.terminal.options import json_option, print_json


@click.group(epilog="Example: shoplake spark status")
def spark() -> None:
    """Look after the Spark server that `remote = "local"` starts.

    It starts by itself when a command needs it, and stays until it is stopped.
    """


@spark.command(epilog="Example: shoplake spark status --json")
@json_option
def status(as_json: bool) -> None:
    """Say whether the local Spark server runs."""
    from shoplake.engine import spark_server

    server = spark_server.running()
    if as_json:
        told = {"pid": server.pid, "port": server.port, "log": server.log} if server else {}
        return print_json({"runs": server is not None, **told})
    if server is None:
        return click.echo('It does not run. A lake with engine = "spark", remote = "local" starts it.')
    since = datetime.fromtimestamp(server.started_at, UTC)
    return click.echo(
        f"It runs since {since:%Y-%m-%d %H:%M:%S} UTC: process {server.pid}, 127.0.0.1:{server.port}.\n"
        f"Its log: {server.log}"
    )


@spark.command(epilog="Example: shoplake spark stop")
def stop() -> None:
    """Stop the local Spark server."""
    from shoplake.engine import spark_server

    server = spark_server.stop()
    click.echo(f"Stopped process {server.pid}." if server else "It does not run.")

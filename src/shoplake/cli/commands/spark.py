"""Commands for the local Spark server: spark status, stop."""

from __future__ import annotations

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import json_option


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake spark status")
def spark() -> None:
    """Manage the local Spark server.

    A lake with `remote = "local"` starts it when a command needs it. It runs until it is stopped.
    """


@spark.command(epilog="Example: shoplake spark status --json")
@json_option
def status(as_json: bool) -> None:
    """List the running servers.

    The list includes servers that your other installations of shoplake started.
    """
    from shoplake.cli.output import emit
    from shoplake.cli.views.spark import SparkStatusView
    from shoplake.engine import list_servers, running_server

    emit(SparkStatusView(running_server(), list_servers()), as_json)


@spark.command(epilog="Example: shoplake spark stop")
@json_option
def stop(as_json: bool) -> None:
    """Stop the running servers.

    Servers that your other installations of shoplake started are stopped too.
    """
    from shoplake.cli.output import emit
    from shoplake.cli.views.spark import SparkStopView
    from shoplake.engine import stop_servers

    emit(SparkStopView(stop_servers()), as_json)

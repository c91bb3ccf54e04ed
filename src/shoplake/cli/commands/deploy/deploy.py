"""The group of commands that write what deploys a lake: deploy."""

from __future__ import annotations

import click

from shoplake.cli.group import ShoplakeGroup


@click.group(cls=ShoplakeGroup, epilog="Example: shoplake deploy databricks --out bundle")
def deploy() -> None:
    """Write what deploys a lake: jobs, tables, permissions.

    Each command writes files from the tables and settings of the lake, and changes nothing else.
    """

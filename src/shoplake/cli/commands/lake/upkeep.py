"""Commands for the upkeep of a whole lake: maintain status, auto."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake maintain status")
@config_option
@json_option
def status(config: Path, as_json: bool) -> None:
    """Show files, log and checkpoint of each table."""
    from shoplake.cli.output import emit
    from shoplake.cli.views.maintain.upkeep import UpkeepStatusView

    emit(UpkeepStatusView(open_lake(config).maintenance_status()), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake maintain auto --dry-run")
@click.option("--dry-run", is_flag=True, help="Print what would be done. Writes nothing.")
@config_option
@json_option
def auto(dry_run: bool, config: Path, as_json: bool) -> None:
    """Compact, delete unused files, clean up logs.

    [maintenance] in the settings says what is kept. A run does the same at its end, once per `every`. It takes
    `at_most` that long; the greatest gain comes first.
    """
    lake = open_lake(config)
    from shoplake.cli.console import open_console
    from shoplake.cli.output import emit
    from shoplake.cli.progress.step_progress import StepProgressView
    from shoplake.cli.views.maintain.upkeep import UpkeepPlanView, UpkeepResultView

    if dry_run:
        return emit(UpkeepPlanView(lake.maintenance_plan()), as_json)
    with StepProgressView(open_console(stderr=True), "maintaining") as progress:
        result = lake.maintain_all(progress)
    return emit(UpkeepResultView(result), as_json)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake maintain expire --dry-run")
@click.option("--dry-run", is_flag=True, help="Print what would be deleted. Writes nothing.")
@click.option("--landing", is_flag=True, help="Also delete the landing files whose records have all expired.")
@config_option
@json_option
def expire(dry_run: bool, landing: bool, config: Path, as_json: bool) -> None:
    """Delete rows whose retention is over.

    A table declares it, such as keeps="400 days". Tables that are made from the rows keep their totals. Old versions
    can be read until `vacuum` deletes their files.
    """
    lake = open_lake(config)
    from shoplake.cli.console import open_console
    from shoplake.cli.output import emit
    from shoplake.cli.progress.step_progress import StepProgressView
    from shoplake.cli.views.maintain.upkeep import ExpiredRowsView

    if dry_run:
        return emit(ExpiredRowsView(lake.expired_rows(), is_deleted=False), as_json)
    with StepProgressView(open_console(stderr=True), "expiring rows of") as progress:
        expired = lake.expire(progress, landing=landing)
    return emit(ExpiredRowsView(expired), as_json)

"""Commands for changes of code and settings: plan, apply."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import config_option, json_option, open_lake

if TYPE_CHECKING:
    from shoplake.operations.definitions.change_plan import ChangePlan

EXIT_CHANGES = 2


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake plan --detail gold.sales_daily")
@click.option("--detail", metavar="TABLE", help="Show what differs in the definition of this table.")
@config_option
@json_option
@click.pass_context
def plan(ctx: click.Context, detail: str | None, config: Path, as_json: bool) -> None:
    """Show what changes of code or settings mean; exit 2 if any.

    Writes no rows. Exit codes: 0 nothing to apply, 2 changes to apply, 1 an error.
    For what the next run does with new files: shoplake run --dry-run
    """
    lake = open_lake(config)
    changes = lake.plan_changes()
    from shoplake.cli.output import emit
    from shoplake.cli.views.definitions.change_plan import ChangePlanView, DefinitionView

    name = lake.catalog[detail].qualified_name if detail is not None else None
    emit(ChangePlanView(changes, config) if name is None else DefinitionView(changes, name), as_json)
    ctx.exit(0 if changes.is_empty else EXIT_CHANGES)


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake apply --select gold.sales_daily+")
@click.option("--select", metavar="TABLE[+]", help="Apply only to this table; TABLE+ also to its downstream tables.")
@click.option(
    "--keep", metavar="TABLE", multiple=True, help="Keep a table's rows and only record its definition. Repeatable."
)
@click.option("--yes", is_flag=True, help="Apply without confirmation.")
@config_option
@json_option
def apply(select: str | None, keep: tuple[str, ...], yes: bool, config: Path, as_json: bool) -> None:
    """Bring the tables to the current code and settings."""
    lake = open_lake(config)
    changes = lake.plan_changes()
    from shoplake.cli.console import open_console
    from shoplake.cli.output import emit
    from shoplake.cli.progress.run_progress import RunProgressView
    from shoplake.cli.views.definitions.change_plan import AppliedChangesView, ChangePlanView

    console = open_console(stderr=as_json)
    if not as_json:
        ChangePlanView(changes).render(console)
    if not yes:
        _confirm(changes)
    with RunProgressView(console, quiet=as_json and not console.is_terminal) as progress:
        results = lake.apply(progress, select=select, keep=keep)
    emit(AppliedChangesView(changes, results, progress.duration_s), as_json)


def _confirm(changes: ChangePlan) -> None:
    """Ask before tables are written. Without a terminal that is wrong usage."""
    if changes.is_empty:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("No terminal to confirm on. Review the plan, then add --yes.")
    click.confirm("Apply these changes?", abort=True, err=True)

"""Command that evaluates the gates of tables without a run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import Day, Duration, Reason, config_option, json_option, open_lake

DAY_S = 86400


@click.command(cls=ShoplakeCommand, epilog="Example: shoplake check silver.events --back-test 180d")
@click.argument("table", required=False)
@click.option(
    "--back-test",
    "back_test_s",
    type=Duration(),
    help="Compare this many last days with their history, instead of the last closed one.",
)
@click.option("--stale", "stale_s", type=Duration(), help="Exit 1 if no run was recorded for this long; check no gate.")
@click.option("--expect", "day", type=Day(), help="Declare that a day of TABLE is other than usual; needs --because.")
@click.option(
    "--because", type=Reason(), default=None, metavar="TEXT", help="Why a day is expected; kept in ops.audit."
)
@config_option
@json_option
@click.pass_context
def check(
    ctx: click.Context,
    table: str | None,
    back_test_s: float | None,
    stale_s: float | None,
    day: date | None,
    because: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Evaluate the gates of tables.

    The exit code is 1 if a gate warns, 3 if one stops.
    It writes nothing, but for a day that --expect declares: it is no history, and stops no run. With --stale it only
    looks at when the last run was recorded, as a dead man's switch: a lake that is stale has an incident, which is sent
    as [alerts] says.
    """
    if stale_s is not None and (table or back_test_s):
        raise click.UsageError("--stale looks at runs, not at gates. Leave out TABLE and --back-test.")
    if (because is None) != (day is None) or (day is not None and table is None):
        raise click.UsageError('--expect needs a table and a reason: check TABLE --expect DAY --because "…"')
    lake = open_lake(config)
    from shoplake.cli.output import emit
    from shoplake.cli.views.quality.gates import ExpectedDayView, GatesView, StaleView

    if stale_s is not None:
        stale = StaleView(lake.check_stale(stale_s), stale_s)
        emit(stale, as_json)
        ctx.exit(1 if stale.is_stale else 0)
    if day is not None and table is not None and because is not None:
        emit(ExpectedDayView(table, day, lake.expect_day(table, day, because)), as_json)
        return
    results = lake.check(table, days=max(1, int((back_test_s or DAY_S) // DAY_S)))
    view = GatesView(results, config, lake.find(table).qualified_name if table else None)
    emit(view, as_json)
    ctx.exit(view.exit_code)

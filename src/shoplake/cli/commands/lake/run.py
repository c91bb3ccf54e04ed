"""The command that builds the tables: run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from shoplake.cli.commands.lake.run_outputs import metrics_output, run_traced, write_metrics_file
from shoplake.cli.group import ShoplakeCommand
from shoplake.cli.options import (
    Day,
    Duration,
    LineageTarget,
    MemorySize,
    OutputFile,
    Reason,
    config_option,
    json_option,
    open_lake,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.engine import RunSelection
    from shoplake.lake import Lake
    from shoplake.pipeline.run_result import RunResult


OF_WATCH = {"interval_s": "--interval", "restart_above": "--restart-above"}


@click.command(
    cls=ShoplakeCommand,
    epilog="Example: shoplake run --start 2026-03-01 --end 2026-03-07",
    renamed={
        "--full": "--full-refresh",
        "--from": "--start",
        "--to": "--end",
        "--only": "--select",
        "--every": "--interval",
    },
)
@click.option("--full-refresh", is_flag=True, help="Rebuild all tables from bronze.")
@click.option("--start", type=Day(), help="First day to rebuild, in the shop's time zone.")
@click.option("--end", type=Day(), help="Last day to rebuild.")
@click.option(
    "--select",
    metavar="TABLE[+]",
    help="Build only this table; TABLE+ also builds its downstream tables. Skips ingestion.",
)
@click.option(
    "--layer",
    type=click.Choice(["bronze", "silver", "gold"]),
    help="Update only this layer: bronze takes in new files, silver and gold read what is there.",
)
@click.option("--strict", is_flag=True, help="Exit 1 if more than 5 % of a table's rows are quarantined in this run.")
@click.option(
    "--accept",
    multiple=True,
    metavar="LAYER.TABLE.RULE",
    help="Do not let this rule stop this run; needs --because. Repeatable.",
)
@click.option(
    "--because", type=Reason(), default=None, metavar="TEXT", help="Why a rule is accepted; kept in ops.audit."
)
@click.option(
    "--metrics", type=OutputFile(), help="Write the metrics of the lake to this file afterwards, for Prometheus."
)
@click.option(
    "--metrics-port", type=click.IntRange(0, 65_535), help="With --watch: serve them at 127.0.0.1:PORT/metrics."
)
@click.option(
    "--lineage",
    type=LineageTarget(),
    metavar="FILE|URL",
    help="Append OpenLineage events to this file, or post them to this URL.",
)
@click.option("--dry-run", is_flag=True, help="Print what a run would do, and why. Writes nothing.")
@click.option("--watch", is_flag=True, help="Repeat the run until Ctrl-C or SIGTERM.")
@click.option(
    "--interval",
    "interval_s",
    type=Duration(),
    default="10s",
    show_default=True,
    help="Time between the starts of two runs, with --watch.",
)
@click.option(
    "--restart-above",
    type=MemorySize(),
    metavar="SIZE|never",
    help="With --watch: resident memory above which the process starts itself again between two runs. By default "
    "1 GiB above the least that it was after a run, or a quarter of memory_limit if that is less.",
)
@config_option
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    /,
    config: Path,
    as_json: bool,
    watch: bool,
    dry_run: bool,
    strict: bool,
    interval_s: float,
    metrics: Path | None,
    metrics_port: int | None,
    lineage: str | None,
    restart_above: float | None,
    **selection: Any,
) -> None:
    """Ingest new files and update all tables."""
    check_run_options(ctx, selection, watch=watch)
    check_mode_options(
        {"--strict": strict}, lineage=lineage, watch=watch, dry_run=dry_run, metrics=metrics, metrics_port=metrics_port
    )
    accepted = {"accept": selection.pop("accept"), "because": selection.pop("because") or ""}
    check_acceptance_options(accepted, is_one_run=not (watch or dry_run))
    lake = open_lake(config)
    if dry_run:
        from shoplake.cli.output import emit
        from shoplake.cli.views.run.plan import PlanView

        emit(PlanView(lake.plan(**selection)), as_json)
    elif watch:
        with metrics_output(lake, metrics, metrics_port) as write:
            _run_watch(ctx, lake, config, interval_s, restart_above, as_json=as_json, after_run=write, lineage=lineage)
    else:
        result = _run_once(lake, config, as_json, selection | accepted, lineage)
        write_metrics_file(lake, metrics)
        ctx.exit(3 if result.stops else 1 if strict and result.warnings else 0)


def _run_watch(
    ctx: click.Context, lake: Lake, config: Path, interval_s: float, restart_above: float | None, **options: Any
) -> None:
    """Run until a signal. Raises ProcessRestart where the process is to start itself again."""
    from shoplake.cli.console import open_console
    from shoplake.cli.watch.process_restart import StartedProcess
    from shoplake.cli.watch.watch_loop import run_watch
    from shoplake.cli.watch.watch_restart import open_restart

    restart = open_restart(ctx.find_object(StartedProcess), config, lake.settings, restart_above)
    run_watch(open_console(stderr=options["as_json"]), lake, interval_s, config=config, restart=restart, **options)


def _run_once(lake: Lake, config: Path, as_json: bool, selection: Mapping[str, Any], lineage: str | None) -> RunResult:
    """Run once, and print the result; nothing is undone where a table has a warning."""
    from shoplake.cli.console import open_console, print_next_steps
    from shoplake.cli.output import emit
    from shoplake.cli.progress.run_progress import RunProgressView
    from shoplake.cli.store_refresh import refresh_store
    from shoplake.cli.views.run.next_steps import after_run
    from shoplake.cli.views.run.run_result import RunResultView
    from shoplake.engine import RunSelection

    console = open_console(stderr=as_json)
    with RunProgressView(console, quiet=as_json and not console.is_terminal) as progress:
        result = run_traced(lake, progress, selection, lineage)
    chosen = RunSelection(select=selection["select"], layer=selection["layer"])
    waiting = find_waiting(lake, result, chosen)
    emit(RunResultView(result, progress.duration_s, *waiting, config, ingests=chosen.ingests), as_json)
    refresh_store(open_console(stderr=True), lake.settings.serve, lake.settings.lake, config)
    if not as_json:
        print_next_steps(console, *after_run(lake, config, ingests=chosen.ingests))
    return result


def find_waiting(lake: Lake, result: RunResult, chosen: RunSelection) -> tuple[int, tuple[str, ...]]:
    """Return what a run that takes in no files and built nothing left alone.

    These are the number of new files, and the tables above the selected ones that are out of date.
    """
    if chosen.ingests or result.tables:
        return 0, ()
    plan = lake.plan()
    above = lake.catalog.upstream_of(table.name for table in chosen.tables(lake.catalog))
    stale = (table.table for table in plan.tables if not table.is_nothing)
    return sum(each.files for each in plan.files), tuple(name for name in stale if lake.catalog[name].name in above)


def check_acceptance_options(accepted: Mapping[str, object], *, is_one_run: bool) -> None:
    """Reject --accept without --because, --because alone, and both for anything but one run, as wrong usage."""
    if accepted["accept"] and not accepted["because"]:
        raise click.UsageError('--accept needs a reason: --because "…"')
    if accepted["because"] and not accepted["accept"]:
        raise click.UsageError("--because is the reason of --accept LAYER.TABLE.RULE.")
    if accepted["accept"] and not is_one_run:
        raise click.UsageError("--accept is for one run. Leave out --watch and --dry-run.")


def check_mode_options(
    one_run: Mapping[str, object],
    *,
    watch: bool,
    dry_run: bool,
    metrics: Path | None,
    metrics_port: int | None,
    lineage: str | None = None,
) -> None:
    """Reject options of `one_run` with --watch and --dry-run, and outputs that have nothing, as wrong usage."""
    if dry_run and watch:
        raise click.UsageError("--dry-run plans one run. Leave out --watch.")
    for name, value in one_run.items():
        if value and (watch or dry_run):
            raise click.UsageError(f"{name} is for one run. Leave out --watch and --dry-run.")
    if metrics is not None and dry_run:
        raise click.UsageError("--dry-run writes nothing. Leave out --metrics.")
    if lineage is not None and dry_run:
        raise click.UsageError("--dry-run writes nothing. Leave out --lineage.")
    if metrics_port is not None and not watch:
        raise click.UsageError("--metrics-port needs --watch. For one run: --metrics FILE.")


def check_run_options(ctx: click.Context, selection: Mapping[str, object], *, watch: bool) -> None:
    """Reject options that contradict each other, as wrong usage."""
    start, end = selection["start"], selection["end"]
    if isinstance(start, date) and isinstance(end, date) and start > end:
        raise click.UsageError(f"--start {start} is after --end {end}.")
    if selection["full_refresh"] and (start or end):
        raise click.UsageError("--full-refresh rebuilds every day. Leave out --start and --end.")
    if selection["select"] and selection["layer"]:
        raise click.UsageError("--select names tables of any layer. Leave out --layer.")
    if watch and any(selection.values()):
        raise click.UsageError(
            "--watch updates all tables. Leave out --full-refresh, --start, --end, --select, --layer."
        )
    for name, option in OF_WATCH.items():
        if not watch and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} needs --watch.")

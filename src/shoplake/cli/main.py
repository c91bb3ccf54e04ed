"""The command line: each command reads its options, calls one function, prints. Heavy imports are inside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from shoplake.cli.commands.check_source import check_source
from shoplake.cli.commands.generate import generate
from shoplake.cli.commands.maintain import maintain
from shoplake.cli.commands.repair import repair
from shoplake.cli.commands.spark import spark
from shoplake.cli.commands.stream import stream
from shoplake.cli.errors import Commands
from shoplake.cli.options import (
    CONFIG,
    FILE,
    FOLDER,
    SIMULATED,
    Day,
    Duration,
    check_run,
    config_option,
    json_option,
    of_kind,
    opened,
    print_json,
)


@click.group(cls=Commands, epilog="Example: shoplake demo", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shoplake", message="%(prog)s %(version)s")
def main() -> None:
    """Turn an online shop's raw files into Delta tables and answered questions."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")


def _kind(ctx: click.Context, parameter: click.Parameter, kind: str) -> str:
    from shoplake.cli import template
    from shoplake.errors import hint

    if kind not in template.kinds():
        raise click.BadParameter(f"'{kind}' is no kind of shop data. {hint(kind, template.kinds())}")
    return kind


@main.command(epilog="Example: shoplake init --kind online_retail --path downloads/")
@click.option(
    "--kind",
    metavar="KIND",
    default="zenith",
    show_default=True,
    callback=_kind,
    help="What the files look like: zenith (what `shoplake generate` drops), online_retail, retailrocket.",
)
@click.option("--path", default="landing", show_default=True, help="The folder that the shop's files arrive in.")
@click.option("--config", type=FILE, default=CONFIG, show_default=True, help="The settings file to write.")
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
def init(kind: str, path: str, config: Path, force: bool) -> None:
    """Write a settings file with comments; asks nothing."""
    from shoplake.cli import template
    from shoplake.cli.console import command, console, next_steps

    template.write(config, kind, path, force=force)
    out = console()
    out.print(f"Wrote {config}.", markup=False)
    is_pretend = kind in SIMULATED and "://" not in path and not Path(path).expanduser().exists()
    generated = command("generate", *of_kind(kind), "--landing", path)
    pretend = [f"{generated}   # or put your files there"] if is_pretend else []
    next_steps(out, *pretend, command("run", config=config))


@main.command(epilog="Example: shoplake run --start 2026-03-01 --end 2026-03-07")
@click.option("--full-refresh", is_flag=True, help="Rebuild all tables from bronze.")
@click.option("--start", type=Day(), help="Rebuild the days from this one on, in the shop's time zone.")
@click.option("--end", type=Day(), help="The last day to rebuild.")
@click.option(
    "--select",
    metavar="TABLE[+]",
    help="Build only this table; TABLE+ also builds its downstream tables. Skips ingestion.",
)
@click.option("--watch", is_flag=True, help="Run again and again, until Ctrl-C or SIGTERM.")
@click.option(
    "--interval", "interval_s", type=Duration(), default="10s", show_default=True, help="How often, with --watch."
)
@config_option
@json_option
@click.pass_context
def run(ctx: click.Context, /, config: Path, as_json: bool, watch: bool, interval_s: float, **asked: Any) -> None:
    """Ingest new files and update all tables."""
    check_run(ctx, asked, watch=watch)
    lake = opened(config)
    from shoplake.cli.console import ask, command, console, next_steps
    from shoplake.cli.views import run_progress

    out = console(stderr=as_json)
    if watch:
        from shoplake.cli.views.watch_progress import keep_up

        return keep_up(out, lake, interval_s, as_json=as_json)
    with run_progress.Progress(out, quiet=as_json and not out.is_terminal) as watcher:
        report = lake.run(watcher, **asked)
    if as_json:
        return print_json(run_progress.as_data(report, watcher.seconds))
    run_progress.summary(out, report, watcher.seconds)
    question = ask("SELECT * FROM gold.sales_daily ORDER BY sales_date", config)
    return next_steps(out, command("quality", config=config), question)


@main.command(epilog="Example: shoplake tables | grep gold")
@config_option
@json_option
def tables(config: Path, as_json: bool) -> None:
    """List the tables: rows, and what one row is."""
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views import tables as declared

    listed = declared.listed(lake)
    return print_json(listed) if as_json else declared.show_list(console(), listed)


@main.command(epilog="Example: shoplake show gold.sales_daily")
@click.argument("table")
@config_option
@json_option
def show(table: str, config: Path, as_json: bool) -> None:
    """Show a table: columns, key, rules, what it reads."""
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views import tables as declared

    described = declared.described(lake, declared.found(lake, table))
    return print_json(described) if as_json else declared.show_table(console(), described)


@main.command(epilog="Example: shoplake history silver.products P000001")
@click.argument("table")
@click.argument("key")
@config_option
@json_option
def history(table: str, key: str, config: Path, as_json: bool) -> None:
    """Show the versions of a customer or product, and what changed."""
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views import row_versions as told

    said = told.versions(lake, table, key)
    return print_json(said) if as_json else told.show(console(), said)


@main.command(epilog='Example: shoplake sql "SELECT * FROM gold.sales_daily" --format csv')
@click.argument("query")
@click.option("--format", "kind", type=click.Choice(["table", "csv", "json", "parquet"]), default="table")
@click.option("--output", type=FILE, help="Write into this file instead of printing.")
@click.option("--limit", type=click.IntRange(min=0), default=40, show_default=True, help="Rows that a table shows.")
@config_option
def sql(query: str, kind: str, output: Path | None, limit: int, config: Path) -> None:
    """Answer a question in Spark SQL; it may only read."""
    if kind == "parquet" and output is None and sys.stdout.isatty():
        raise click.UsageError("Parquet is not for a terminal: name a file with --output, or pipe it.")
    lake = opened(config)
    from shoplake.cli.views import query_result

    query_result.write(query_result.answer(lake, query), kind, output, limit)


@main.command(epilog="Example: shoplake quality --all")
@click.option("--run", "run_id", metavar="ID", help="A run's id, instead of the last that wrote each table.")
@click.option("--all", "whole", is_flag=True, help="Also the rules and columns that are PASS.")
@config_option
@json_option
def quality(run_id: str | None, whole: bool, config: Path, as_json: bool) -> None:
    """Report what became of the rows and which rules they broke."""
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views import quality_report as report

    rows = report.together(report.measured(lake, run_id))
    return print_json(report.as_data(rows)) if as_json else report.show(console(), rows, whole=whole)


@main.command(epilog="Example: shoplake verify --json")
@config_option
@json_option
@click.pass_context
def verify(ctx: click.Context, config: Path, as_json: bool) -> None:
    """Check files, checksums and totals; exit 1 on a problem."""
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views import verify as check

    problems = lake.verify()
    if as_json:
        print_json(check.as_data(lake, problems))
    else:
        check.show(console(), lake, problems)
    ctx.exit(1 if problems else 0)


@main.command(epilog="Example: shoplake explain gold.sales_daily")
@click.argument("table")
@config_option
@json_option
def explain(table: str, config: Path, as_json: bool) -> None:
    """Show what a table cost in its last run, and its plan."""
    lake = opened(config)
    from shoplake.cli.console import console
    from shoplake.cli.views import explain as cost

    said = cost.explained(lake, table)
    return print_json(said) if as_json else cost.show(console(), said)


@main.command(epilog="Example: shoplake demo --events 50000")
@click.option("--folder", type=FOLDER, default=Path("demo"), show_default=True, help="Built anew each time.")
@click.option("--events", type=click.IntRange(min=1), default=200_000, show_default=True, help="Events, about.")
def demo(folder: Path, events: int) -> None:
    """See it all: a pretend shop, its tables, three answers."""
    from shoplake.cli.console import console
    from shoplake.cli.demo import demo as stage

    stage.play(console(), folder, events)


main.add_command(check_source)
main.add_command(generate)
main.add_command(maintain)
main.add_command(repair)
main.add_command(spark)
main.add_command(stream)

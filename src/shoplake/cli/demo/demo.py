"""The demo: a simulated shop, its lake, its data quality, and four questions with their answers."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, print_next_steps, print_section, sql_command_line
from shoplake.cli.demo import journey_queries, queries
from shoplake.cli.demo.journey_report import print_attribution, print_carts, print_paths
from shoplake.cli.demo.money_report import print_reconciliation
from shoplake.cli.demo.report import print_best_customers, print_cohorts, print_interest, print_purchase_drivers
from shoplake.cli.progress.run_progress import RunProgressView
from shoplake.cli.template import write_settings
from shoplake.cli.views.generate import generate_files
from shoplake.cli.views.quality.quality_report import QualityReportView
from shoplake.cli.views.run.run_result import RunResultView
from shoplake.errors import SettingsError
from shoplake.lake import Lake
from shoplake.simulate.realistic import options

if TYPE_CHECKING:
    from rich.console import Console

MARK = "# Written by `shoplake demo`, which rebuilds this folder each time.\n"
ERROR_RATE = 0.02
ORDERS_PER_CUSTOMER = 3
STORE = ".shoplake/store"
"""What the server has read of an earlier demo's tables."""
FEATURES = tuple(name for name in options.DEFAULT_FEATURES if name != "anomalies")


def run_demo(console: Console, folder: Path, events: int) -> None:
    """Simulate a shop in `folder`, build its tables, and answer four questions.

    Raises SettingsError if the folder has files that are not of a demo.
    """
    config = folder / "shoplake.toml"
    _clear_folder(folder, config)
    place = {"timezone": "Europe/London", "currency": "GBP"}
    write_settings(config, "zenith", str(folder / "landing"), **place, head=MARK, force=True)
    print_section(console, "A simulated shop writes raw files")
    generate_files(console, folder / "landing", **demo_shop(events)).render(console)
    console.print()
    print_section(console, "The files become tables: bronze → silver → gold")
    lake = Lake(replace(Lake.open(config).settings, lake=str((folder / "lake").resolve())))
    with RunProgressView(console) as progress:
        result = lake.run(progress)
    RunResultView(result, progress.duration_s).render(console)
    console.print()
    print_section(console, "Data quality")
    QualityReportView.of(lake).render(console)
    _print_answers(console, lake)
    print_next_steps(console, *_next_steps(config))


def demo_shop(events: int) -> dict[str, Any]:
    """Return the arguments of a realistic shop with about that many events."""
    orders = max(1, events // options.DEFAULT_EVENTS_PER_ORDER)
    return {
        "orders": orders,
        "customers": max(1, orders // ORDERS_PER_CUSTOMER),
        "days": options.DAILY_FILES_UP_TO,
        "events": events,
        "error_rate": ERROR_RATE,
        "features": FEATURES,
    }


def _print_answers(console: Console, lake: Lake) -> None:
    currency = lake.settings.feeds[0].currency or ""
    console.print()
    print_section(console, "1  What are visitors looking at?")
    print_interest(console, queries.products(lake))
    console.print()
    print_section(console, "2  What leads to a purchase?")
    conversions = {name: queries.conversion(lake, name) for name in ("channel", "device")}
    print_purchase_drivers(console, queries.funnel(lake), conversions)
    console.print()
    print_paths(console, journey_queries.paths(lake))
    console.print()
    print_attribution(console, journey_queries.attribution(lake, currency), currency)
    console.print()
    print_carts(console, journey_queries.carts(lake), currency)
    console.print()
    print_section(console, "3  Who are our best customers?")
    best = queries.best_customers(lake)
    print_best_customers(console, queries.segments(lake), queries.tiers(lake), best, currency)
    console.print()
    print_cohorts(console, queries.cohorts(lake))
    console.print()
    print_section(console, "4  Does the money tie out?")
    print_reconciliation(
        console, journey_queries.totals(lake, currency), journey_queries.causes(lake, currency), currency
    )


def _clear_folder(folder: Path, config: Path) -> None:
    """Delete the files of an earlier demo, and nothing else."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)):
            raise SettingsError(f"{folder} is not empty and not a demo's folder. Choose another one with --folder.")
        for name in ("landing", "lake", STORE):
            if (folder / name).exists():
                shutil.rmtree(folder / name)


def _next_steps(config: Path) -> list[str]:
    return [
        sql_command_line("SELECT sales_date, orders, net_sales FROM gold.sales_daily ORDER BY sales_date", config),
        command_line("describe", "gold.customer_segments", config=config),
        command_line("quality", "--all", config=config),
        command_line("tables", config=config),
        command_line("serve", "--open", config=config) + "   # the answers in a browser",
        command_line("init", "--path", "YOUR_FOLDER") + "   # for your own files",
    ]

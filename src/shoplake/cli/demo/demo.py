"""The demo: a pretend shop, its lake, its quality, and the three questions answered."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.cli import template
from shoplake.cli.console import ask, command, next_steps, section
from shoplake.cli.demo import queries
from shoplake.cli.demo.report import best_customers, leads_to_purchase, looked_at
from shoplake.cli.views import generate, quality_report, run_progress
from shoplake.errors import SettingsError
from shoplake.lake import Lake

if TYPE_CHECKING:
    from rich.console import Console

MARK = "# Written by `shoplake demo`, which builds this folder anew each time.\n"
ERROR_RATE = 0.02


def play(out: Console, folder: Path, events: int) -> None:
    """Generate a shop in `folder`, bring its tables up to date, answer its questions."""
    config = folder / "shoplake.toml"
    _make_room(folder, config)
    template.write(config, "zenith", str(folder / "landing"), head=MARK, force=True)
    section(out, "A pretend shop drops its files")
    generate.show(out, generate.drop(out, folder / "landing", events=events, error_rate=ERROR_RATE), folder / "landing")
    out.print()
    section(out, "They become tables: bronze → silver → gold")
    lake = Lake(replace(Lake.open(config).settings, lake=str((folder / "lake").resolve())))
    with run_progress.Progress(out) as watcher:
        report = lake.run(watcher)
    run_progress.summary(out, report, watcher.seconds)
    out.print()
    section(out, "What was wrong with the files")
    quality_report.show(out, quality_report.together(lake.quality()))
    _answer(out, lake)
    next_steps(out, *_next(config))


def _answer(out: Console, lake: Lake) -> None:
    currency = lake.settings.feeds[0].currency or ""
    out.print()
    section(out, "1  What are visitors looking at?")
    looked_at(out, queries.products(lake))
    out.print()
    section(out, "2  What leads to a purchase?")
    by = {name: queries.conversion(lake, name) for name in ("channel", "device")}
    leads_to_purchase(out, queries.funnel(lake), by)
    out.print()
    section(out, "3  Who are our best customers?")
    best_customers(out, queries.segments(lake), queries.tiers(lake), queries.best(lake), currency)


def _make_room(folder: Path, config: Path) -> None:
    """Take away what an earlier demo left in `folder`, and nothing else. Raises SettingsError if it is no demo's."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)):
            raise SettingsError(
                f"{folder} is not empty and not a demo's, so it stays as it is. Choose another --folder."
            )
        for name in ("landing", "lake"):
            if (folder / name).exists():
                shutil.rmtree(folder / name)


def _next(config: Path) -> list[str]:
    return [
        ask("SELECT sales_date, orders, net_sales FROM gold.sales_daily ORDER BY sales_date", config),
        command("show", "gold.customer_segments", config=config),
        command("quality", "--all", config=config),
        command("tables", config=config),
        command("init", "--path", "YOUR_FOLDER") + "   # the same with your own files",
    ]

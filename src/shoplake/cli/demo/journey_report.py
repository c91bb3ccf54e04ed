"""The demo's answers about journeys: paths, channels and carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.charts import bar
from shoplake.cli.console import format_number, format_percent, text_table
from shoplake.cli.demo.journey_queries import MODELS

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.cli.demo.queries import Row

EXIT = "(exit)"


def print_paths(console: Console, rows: list[Row]) -> None:
    """Print the most frequent steps between page types."""
    table = text_table("path", "sessions", "of that page", "", numbers=("sessions", "of that page"))
    maximum = max((row["sessions"] for row in rows), default=0)
    for row in rows:
        target = "leaves" if row["to_type"] == EXIT else row["to_type"]
        chart = bar(row["sessions"], maximum, 20)
        path = f"{row['from_type']} → {target}"
        table.add_row(path, format_number(row["sessions"]), format_percent(row["of_step"]), chart)
    console.print(table)


def print_attribution(console: Console, rows: list[Row], currency: str) -> None:
    """Print the revenue of each channel by several models: they credit the same sum differently."""
    names = [model.replace("_", " ") for model in MODELS]
    table = text_table(f"revenue in {currency} by", *names, numbers=names)
    for row in rows:
        table.add_row(row["name"], *(f"{row[model] or 0:,.2f}" for model in MODELS))
    total = [sum(row[model] or 0 for row in rows) for model in MODELS]
    table.add_row("all channels", *(f"{each:,.2f}" for each in total), style="bold")
    console.print(table)


def print_carts(console: Console, rows: list[Row], currency: str) -> None:
    """Print what became of the carts, and what they are worth."""
    value = f"value {currency}".strip()
    numbers = ("carts", "of all", value)
    table = text_table("state", *numbers, "", numbers=numbers)
    total = sum(row["carts"] for row in rows)
    for row in rows:
        share = row["carts"] / total
        table.add_row(
            row["name"],
            format_number(row["carts"]),
            format_percent(share),
            format_number(row["value"] or 0),
            bar(share, 1, 20),
        )
    console.print(table)

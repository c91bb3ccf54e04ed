"""The commands to type after a run, by what the lake has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.console import command_line, sql_command_line

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

SHOWN = (("gold.sales_daily", "sales_date"), ("gold.funnel_daily", "event_date"))
"""Tables that a shop looks at first, and the column they are ordered by."""


def after_run(lake: Lake, config: Path) -> list[str]:
    """Return the next commands: a query of a table that has rows, else what is quarantined, else how to get files."""
    known = {table.qualified_name for table in lake.catalog.values()}
    for name, day in SHOWN:
        if name in known and lake.row_count(name):
            query = sql_command_line(f"SELECT * FROM {name} ORDER BY {day}", config)
            return [command_line("quality", config=config), query]
    if any(lake.row_count(name) for name in known if name.startswith("bronze.")):
        return [command_line("quality", config=config), command_line("quarantine list", config=config)]
    folders = ", ".join(feed.path for feed in lake.settings.feeds)
    hint = f"# No file of the feed's kind has arrived yet. Put the files of the shop into {folders}."
    return [hint, command_line("run", config=config)]

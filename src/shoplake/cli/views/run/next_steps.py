"""The commands to type after a run, by what the lake has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.console import command_line, sql_command_line
from shoplake.cli.views.run.run_result import waiting_text

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

SHOWN = (("gold.sales_daily", "sales_date"), ("gold.funnel_daily", "event_date"))
"""Tables that a shop looks at first, and the column they are ordered by."""


def after_run(lake: Lake, config: Path, *, ingests: bool = True) -> list[str]:
    """Return the next commands: a query of a table that has rows, else what is quarantined, else how to get files.

    A run that `ingests` none may have left files that wait for one that does.
    """
    known = {table.qualified_name for table in lake.catalog.values()}
    for name, day in SHOWN:
        if name in known and lake.row_count(name):
            query = sql_command_line(f"SELECT * FROM {name} ORDER BY {day}", config)
            return [command_line("quality", config=config), query]
    if any(lake.row_count(name) for name in known if name.startswith("bronze.")):
        return [command_line("quality", config=config), command_line("quarantine list", config=config)]
    if not ingests and (files := sum(each.files for each in lake.plan().files)):
        hint = f"# {waiting_text(files)} for a run without --select and --layer."
        return [hint, command_line("run", config=config)]
    folders = ", ".join(feed.path for feed in lake.settings.feeds)
    hint = f"# No file of the feed's kind has arrived yet. Put the files of the shop into {folders}."
    return [hint, command_line("run", config=config)]

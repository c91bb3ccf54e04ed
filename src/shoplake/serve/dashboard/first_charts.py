"""Draws the charts that each page shows first when a generation is built, so that no visitor waits for them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from shoplake.errors import ShoplakeError
from shoplake.serve.answers.query.ranges import find_scopes
from shoplake.serve.dashboard.charts.drawn_charts import write_charts
from shoplake.serve.dashboard.charts.renderer import ChartRenderer, render_spec
from shoplake.serve.dashboard.page_context import PageContext
from shoplake.serve.dashboard.page_state import read_state
from shoplake.serve.dashboard.part import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shoplake.serve.store.generation import Generation

log = logging.getLogger("shoplake.serve.store")


def write_first_charts(folder: Path, generation: Generation) -> None:
    """Draw the charts of each page and feed, and write them into the folder of a store. A failure is logged."""
    try:
        write_charts(folder, draw_first_charts(generation))
    except Exception as error:
        log.warning("store: charts are drawn when they are asked for: %s", error)


def draw_first_charts(generation: Generation, render: Callable[[str], str] = render_spec) -> dict[str, str]:
    """Return the SVG of each specification in the default range of each page and feed, in both widths.

    A page that has no data, or whose tables are not there, has no chart.
    """
    drawn: dict[str, str] = {}

    def keep(spec: str) -> str:
        drawn[spec] = render(spec)
        return drawn[spec]

    charts, now = ChartRenderer(keep), datetime.now(UTC)
    for feed in dict.fromkeys(row["feed"] for row in find_scopes(generation)):
        context = PageContext(generation, read_state(generation, {"feed": feed}), charts, ZoneInfo("UTC"), now)
        for build in PAGES.values():
            try:
                build(context)
            except (ShoplakeError, duckdb.Error) as error:
                log.info("store: a page of the feed %s has no chart: %s", feed, error)
    return drawn

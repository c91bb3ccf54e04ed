from pathlib import Path
from types import SimpleNamespace

import pytest

from shoplake.cli.views.run.next_steps import after_run

NAMES = ("bronze.events_raw", "gold.sales_daily", "gold.funnel_daily")


class CountedLake:
    """A lake of three tables and their rows; those that are not named are not built."""

    def __init__(self, **rows):
        self.rows = {name: rows.get(name.split(".")[1]) for name in NAMES}
        self.catalog = {name: SimpleNamespace(qualified_name=name) for name in NAMES}
        self.settings = SimpleNamespace(feeds=[SimpleNamespace(path="/data/landing")])

    def row_count(self, name):
        return self.rows[name]


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ({"events_raw": 9, "sales_daily": 3, "funnel_daily": 3}, "FROM gold.sales_daily ORDER BY sales_date"),
        ({"events_raw": 9, "sales_daily": 0, "funnel_daily": 3}, "FROM gold.funnel_daily ORDER BY event_date"),
        ({"events_raw": 9, "sales_daily": 0, "funnel_daily": 0}, "quarantine list"),
        ({"events_raw": 0, "sales_daily": 0}, "Put the files of the shop into /data/landing."),
    ],
)
def test_what_is_shown_next_has_rows(rows, shown):
    steps = after_run(CountedLake(**rows), Path("shoplake.toml"))

    assert shown in "\n".join(steps)
    assert ("sales_daily" in "\n".join(steps)) == bool(rows["sales_daily"])

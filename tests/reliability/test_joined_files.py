"""Records spread over files are complete once all parts are there: in any files, any order, whatever was killed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docs.recipes import recipe
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.lake import Lake
from shoplake.pipeline.runner import PipelineRun
from shoplake.settings import Settings

from .lakes import listed, with_read

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDERS = {"1": "2026-03-01", "2": "2026-03-02", "3": "2026-03-02"}
ITEMS = [
    ("1", "1", "pear", "0.6000"),
    ("1", "2", "tea", "4.0000"),
    ("2", "1", "jam", "3.0000"),
    ("4", "1", "milk", "1.0000"),
]
HEADERS = {"orders": "order_id,purchased_at", "items": "order_id,item_id,product_id,price"}
RECORDS = [
    *[("orders", f"{order},{day} 09:30:00") for order, day in ORDERS.items()],
    *[("items", "\n".join(",".join(item) for item in ITEMS if item[0] == order)) for order in ("1", "2", "4")],
]
"""The items of an order are in one file, which is a version of them."""
EXPECTED = sorted((*item, ORDERS[item[0]]) for item in ITEMS if item[0] in ORDERS)
MAX_POINTS = 60
"""Crash points of a run that kills are spread over."""


class KilledError(Exception):
    """Ends a run."""


def kill_at(point: int) -> None:
    """Let the next run end at its crash point of that number."""
    passed = iter(range(MAX_POINTS * 10))

    def count(_: str) -> None:
        if next(passed) == point:
            raise KilledError

    set_crash_hook(count)


def run(folder: Path, kill: int | None = None) -> None:
    lake = Lake(Settings(str(folder / "lake"), (Feed("shop", KIND, str(folder / "landing"), "Europe/London", "GBP"),)))
    catalog = Catalog(with_read(lake.catalog, ("order_lines",)))
    if kill is not None:
        kill_at(kill)
    try:
        PipelineRun(lake.engine, catalog, lake.state, lake.settings, commit_interval_s=0).execute()
    except KilledError:
        pass
    finally:
        set_crash_hook(None)


def drop(folder: Path, number: int, records: Sequence[tuple[str, str]]) -> None:
    """Write records to one file per stream."""
    for stream, header in HEADERS.items():
        if lines := [line for name, line in records if name == stream]:
            (folder / "landing").mkdir(parents=True, exist_ok=True)
            (folder / "landing" / f"{stream}_{number}.csv").write_text("\n".join([header, *lines, ""]))


KIND = recipe("marketplace")
KILLS = st.one_of(st.none(), st.integers(0, MAX_POINTS))


@pytest.mark.slow
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(st.permutations(RECORDS), st.lists(st.tuples(st.integers(1, 4), KILLS), min_size=1, max_size=3))
def test_parts_in_any_files_and_order_make_the_same_records_after_any_kill(records, arrivals):
    with tempfile.TemporaryDirectory() as name:
        folder, rest = Path(name), list(records)
        for number, (size, kill) in enumerate(arrivals):
            drop(folder, number, rest[:size])
            rest = rest[size:]
            run(folder, kill)
        drop(folder, len(arrivals), rest)
        run(folder)
        lines = listed(folder / "lake", "silver/order_lines")
        names = ("order_id", "line_number", "product_id", "unit_price", "order_date")
        found = sorted(tuple(str(row[name]) for name in names) for row in lines)
        assert found == EXPECTED
        assert listed(folder / "lake", "silver/order_lines_quarantine") == []

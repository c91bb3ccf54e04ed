"""Every write mode on both engines: repeated, reordered, split and interrupted runs leave the rows of a plain one.

One lake per engine and scenario has a table of each mode; what is compared are the rows without their batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import CATALOG, DAYS, copies, drop, mark, price, rows_of

from shoplake.declare.catalog import Catalog
from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.session import sail

from .conftest import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODES = {
    "append": "marks_raw",
    "upsert, first": "marks",
    "upsert, last": "latest",
    "replace documents": "receipts",
    "replace whole": "totals",
    "replace partitions": "daily",
    "replace one to one": "copies",
    "session window": "visits",
    "scd2": "prices",
}
FILES = {
    "marks/a": [mark("a", f"{DAYS[0]}T09:00:00Z"), mark("b", f"{DAYS[1]}T09:00:00Z", n=2), mark("bad", n=0)],
    "prices/a": [price("x", "1.00", DAYS[0]), price("x", "3.00", DAYS[2])],
    "receipts/a": [
        receipt("r1", 1, 2, at=f"{DAYS[0]}T09:00:00Z"),
        receipt("r2", 3, at=f"{DAYS[0]}T09:00:00Z"),
        receipt("r3", 5, at=f"{DAYS[1]}T09:00:00Z", day=DAYS[1]),
    ],
    "marks/b": [mark("a", f"{DAYS[0]}T08:50:00Z", n=3), mark("c", f"{DAYS[1]}T09:20:00Z")],
    "prices/b": [price("x", "2.00", DAYS[1]), price("y", "cheap", DAYS[1])],
    "receipts/b": [
        receipt("r1", 4, at=f"{DAYS[1]}T09:00:00Z"),
        receipt("r2", 3, at=f"{DAYS[0]}T09:00:00Z"),
        receipt("r3", 6, 7, at=f"{DAYS[0]}T09:00:00Z"),
    ],
    "receipts/c": [
        receipt("r1", 0, at=f"{DAYS[2]}T09:00:00Z"),
        receipt("r2", 8, 9, at=f"{DAYS[2]}T09:00:00Z", day=DAYS[2]),
    ],
    "marks/c": [mark("d", f"{DAYS[2]}T10:00:00Z"), mark("e", f"{DAYS[2]}T10:10:00Z", who="bob")],
}
BATCH_COLUMNS = {"batch_id", "ingested_at", "source_file", "version_line"}
DEATHS = (
    "before_commit_files",
    "after_append",
    "before_upsert",
    "before_replace_documents",
    "before_merge",
    "after_merge",
    "after_commit",
    "after_scd2_overwrite_versions",
    "after_scd2_append_changes",
    "after_overwrite",
    "before_finish_table",
    "before_commit_offsets",
    "before_write_checksums",
)
"""Each of some runs dies at one of these points, and the next goes on from there."""


class InterruptedWriteError(Exception):
    """Ends a run at a crash point."""


def plain(sample: SampleLake) -> None:
    """A run after each file."""
    for name, records in FILES.items():
        sample.drop(name, *records)
        sample.run()


def repeated(sample: SampleLake) -> None:
    """The same with offsets lost after each run, so that all batches are written again."""
    for name, records in FILES.items():
        sample.drop(name, *records)
        sample.run()
        sample.state.commit_offsets({}, "lost", sample.state.next_run_time())
        sample.run()


def reordered(sample: SampleLake) -> None:
    """The files in the reverse order."""
    for name, records in reversed(FILES.items()):
        sample.drop(name, *records)
        sample.run()


def together(sample: SampleLake) -> None:
    """All files in one run and one batch."""
    for name, records in FILES.items():
        sample.drop(name, *records)
    sample.run()


def split(sample: SampleLake) -> None:
    """Each record in a file of its own, in three runs."""
    for turn in range(3):
        for name, records in FILES.items():
            for number, record in list(enumerate(records))[turn::3]:
                drop(sample.landing / f"{name}{number}.json", record)
        sample.run()


def interrupted(sample: SampleLake) -> None:
    """Runs that die at crash points, each further on or again, and one that does not."""
    sample.commit_interval_s = 0
    for name, records in FILES.items():
        sample.drop(name, *records)
        for point in DEATHS:
            set_crash_hook(_crash_at(point))
            try:
                sample.run()
            except InterruptedWriteError:
                pass
            finally:
                set_crash_hook(None)
        sample.run()


def _crash_at(point: str) -> Callable[[str], None]:
    def hook(name: str) -> None:
        if name == point:
            raise InterruptedWriteError(name)

    return hook


SCENARIOS = (repeated, reordered, together, split, interrupted)
Contents = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module", params=sorted(CAPABILITIES))
def contents(request, tmp_path_factory) -> Iterator[Callable[[Callable[[SampleLake], None]], Contents]]:
    """The rows of all tables after a scenario, which is run once per engine."""
    session = request.getfixturevalue("on_spark") if request.param == "spark" else sail.session()
    known: dict[str, Contents] = {}

    def of(scenario: Callable[[SampleLake], None]) -> Contents:
        if scenario.__name__ not in known:
            folder = tmp_path_factory.mktemp(scenario.__name__)
            sample = SampleLake(
                session,
                folder,
                CAPABILITIES[request.param],
                Catalog([*CATALOG.values(), copies, receipts_raw, receipts]),
            )
            scenario(sample)
            known[scenario.__name__] = {table: rows(sample, table) for table in MODES.values()}
        return known[scenario.__name__]

    return of


def rows(sample: SampleLake, name: str) -> list[tuple[Any, ...]]:
    """The rows of a table without the batch that they came in, and in bronze without their files."""
    table = sample.catalog[name]
    if table.layer == "bronze":
        return rows_of(sample.engine, table, "feed", "raw")
    return rows_of(sample.engine, table, *[each.name for each in table.columns if each.name not in BATCH_COLUMNS])


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.parametrize("table", MODES.values(), ids=MODES.keys())
def test_a_table_has_the_rows_of_a_plain_run(contents, table, scenario):
    assert contents(scenario)[table] == contents(plain)[table] != []

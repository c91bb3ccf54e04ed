"""A run that is killed, wherever and however often: one more run, and all is as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from shoplake.engine.crash_hooks import CRASH_POINTS

from ..lakes import (
    ALL_TABLES,
    CUSTOMERS,
    EVENTS,
    content,
    data_file,
    difference,
    drop,
    event,
    flip,
    lake_at,
    listed,
    totals,
    with_all_tables,
)
from .killing import KILLED, Scene, Victims, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEATHS = (
    "before_commit_files",
    "after_scd2_append_changes",
    "after_upsert",
    "before_write_checksums",
)
"""Where one run after another dies on its way through one lake, each further on than the one before."""


TABLES = (*EVENTS, *CUSTOMERS, "sessions", "funnel_daily")
"""Tables that are merged, versioned, built by session and overwritten, with those that they read."""
READ = ("gold/sales_daily", "silver/sessions", "gold/funnel_daily")
"""What is read while runs die, where the lake has it."""
FEW = {"max_files_per_batch": 4, "tables": ["events_enriched"]}
"""Settings of a run of events and of a table whose rows are appended."""
APPENDS = {"before_append_rows", "after_append_rows"}
"""Crash points that a run with late events does not reach; a test of their own sends only new ones."""
COMMANDS = ("clone_table", "expire_rows", "export_table", "maintain_table", "publish_clone", "publish_export")
COMMANDS += ("publish_metrics", "restore_state", "restore_table")
OTHERS = {f"{moment}_{action}" for moment in ("before", "after") for action in COMMANDS}
"""Crash points of other commands, which no run reaches; tests of those end there."""
ALERTS = {point for point in CRASH_POINTS if point.endswith(("_incidents", "_messages"))}
"""Incidents are recorded after a run: see tests/quality/alerts."""


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    with Victims() as found:
        yield found


@pytest.fixture(scope="module", params=[pytest.param(TABLES, id="few tables"), ALL_TABLES])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return scene(tmp_path_factory.mktemp("scene"), request.param)


def is_whole(shop: Scene, lake: Path) -> None:
    """The lake holds what an uninterrupted run makes of it, and nothing else lies about."""
    assert difference(content(lake), shop.expected) == {}
    landed = Counter(row["path"] for row in listed(lake, "ops/files") if row["state"] == "ingested")
    assert set(landed.values()) == {1}
    assert [path for path in (lake / "_staging").rglob("*") if path.is_file()] == []
    assert not (lake / "_lease.json").exists()


class Reader(threading.Thread):
    """Reads a table again and again: how often, and what it found that no version of the table holds."""

    def __init__(self, at: Path) -> None:
        super().__init__(daemon=True)
        self._at, self._ended = str(at), threading.Event()
        self.reads, self.wrong = 0, list[str]()

    def run(self) -> None:
        most = 0
        while not self._ended.wait(0.02):
            table = DeltaTable(self._at)
            found = table.to_pyarrow_table().num_rows
            reported = sum(pa.table(table.get_add_actions(flatten=True)).column("num_records").to_pylist())
            most = max(most, reported)
            if found != reported or (most and not found):
                self.wrong.append(f"version {table.version()}: {found} rows, its log says {reported}")
            self.reads += 1

    def end(self) -> None:
        self._ended.set()
        self.join()


@pytest.fixture(scope="module")
def survivor(shop: Scene, victims: Victims, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Reader]]:
    """A lake in which one run after another was killed, then one more run was not; who read it meanwhile."""
    lake = shop.copy(tmp_path_factory.mktemp("survivor"))
    readers = [Reader(lake / table) for table in READ if (lake / table).is_dir()]
    for reader in readers:
        reader.start()
    try:
        for point in DEATHS:
            killed = {"point": point, "commit_interval_s": 0, "settings": shop.settings}
            assert victims.run(lake, shop.landing, **killed) == KILLED, f"no run came to {point}"
        assert victims.run(lake, shop.landing, settings=shop.settings) == 0
    finally:
        for reader in readers:
            reader.end()
    return lake, readers


@pytest.mark.sample
def test_after_a_death_at_every_stage_of_a_run_the_tables_are_those_of_a_whole_run(shop: Scene, survivor):
    is_whole(shop, survivor[0])


def test_a_lake_whose_runs_died_finds_no_fault_with_itself(shop: Scene, survivor):
    assert shop.open(survivor[0]).verify() == []


def test_whoever_reads_while_runs_die_sees_whole_versions_and_never_an_empty_table(survivor):
    for reader in survivor[1]:
        assert reader.wrong == []
        assert reader.reads > 20


@pytest.mark.slow
def test_after_deaths_at_random_instants_the_tables_are_those_of_a_whole_run(shop: Scene, victims: Victims, tmp_path):
    lake, chance = shop.copy(tmp_path), random.Random(4)
    for _ in range(2):
        seconds = chance.uniform(0.3, 0.3 + shop.seconds)
        victims.run_for(seconds, lake, shop.landing, settings=shop.settings)

    assert victims.run(lake, shop.landing, settings=shop.settings) == 0
    is_whole(shop, lake)


def test_the_state_store_counts_each_event_once_although_runs_died(shop: Scene, survivor):
    lake = survivor[0]
    output = totals(lake, "silver/events")

    assert output["rows_written"] == len(listed(lake, "silver/events"))
    assert output["rows_read"] == output["rows_written"] + output["rows_quarantined"] + output["rows_duplicate"]


def test_a_batch_that_is_formed_otherwise_after_a_death_leaves_no_rows_behind(victims: Victims, landing, at):
    one_by_one = {"max_files_per_batch": 1, "tables": ["orders_raw", "events_raw"]}
    drop(landing, "orders/o.json", {"order_id": "O1", "ordered_at": "2026-03-02T10:00:00Z", "lines": []})
    assert victims.run(at, landing, point="before_commit_files", settings=one_by_one) == KILLED
    drop(landing, "events/a.json", event(1))

    lake_at(at, landing, **one_by_one).run()
    assert len(listed(at, "bronze/orders_raw")) == 1
    assert len(listed(at, "bronze/events_raw")) == 1


@pytest.mark.sample
@pytest.mark.parametrize("point", ["before_append_rows", pytest.param("after_append_rows", marks=pytest.mark.slow)])
def test_rows_that_a_run_added_before_it_died_are_not_added_again(victims: Victims, landing, at, tmp_path, point):
    drop(landing, "events/a.json", *[event(number) for number in range(5)])
    lake_at(at, landing, **FEW).run()
    drop(landing, "events/b.json", *[event(number) for number in range(5, 9)])
    assert victims.run(at, landing, settings=FEW, point=point) == KILLED, f"no run came to {point}"
    drop(landing, "events/c.json", event(9))

    for lake in (at, tmp_path / "fresh"):
        lake_at(lake, landing, **FEW).run()
    assert difference(content(at), content(tmp_path / "fresh")) == {}


@pytest.mark.slow
def test_files_of_a_run_killed_before_its_checksums_get_them_in_the_next(victims: Victims, landing, at):
    drop(landing, "events/a.json", *[event(number) for number in range(50)])
    assert victims.run(at, landing, settings=FEW, point="before_write_checksums") == KILLED
    lake = lake_at(at, landing, tables=FEW["tables"])
    lake.run()
    flip(data_file(at, "silver/events"))

    assert "silver.events" in {problem.table for problem in lake.verify()}


@with_all_tables
@pytest.mark.parametrize("number", range(100))
def test_after_a_death_at_any_instant_the_tables_are_those_of_a_whole_run(shop, victims, tmp_path, number):
    lake = shop.copy(tmp_path)
    seconds = random.Random(number).uniform(0.1, 0.3 + shop.seconds)
    victims.run_for(seconds, lake, shop.landing, settings=shop.settings)

    assert victims.run(lake, shop.landing, settings=shop.settings) == 0
    is_whole(shop, lake)


def points(trace: Path) -> list[tuple[str, int]]:
    """The first and the last pass of every point of a run."""
    passed = Counter(trace.read_text().split("\n"))
    return [(point, nth) for point, count in sorted(passed.items()) if point for nth in sorted({1, count})]


@with_all_tables
@pytest.mark.parametrize("commit_interval_s", [0, 5])
def test_after_a_death_at_any_named_point_the_tables_are_those_of_a_whole_run(
    shop, victims, tmp_path, commit_interval_s
):
    given = {"commit_interval_s": commit_interval_s, "settings": shop.settings}
    victims.run(shop.copy(tmp_path), shop.landing, trace=str(tmp_path / "trace"), **given)
    assert {point for point, _ in points(tmp_path / "trace")} == set(CRASH_POINTS) - APPENDS - OTHERS - ALERTS
    for number, (point, nth) in enumerate(points(tmp_path / "trace")):
        lake = shop.copy(tmp_path / str(number))
        died = victims.run(lake, shop.landing, point=point, nth=nth, **given) == KILLED
        depends_on_time = commit_interval_s > 0 and nth > 1  # how often a run comes there
        assert died or depends_on_time, f"no run came to {point}"
        assert victims.run(lake, shop.landing, settings=shop.settings) == 0
        is_whole(shop, lake)
        shutil.rmtree(lake)

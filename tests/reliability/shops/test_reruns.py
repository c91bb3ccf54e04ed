"""The same run again: nothing to do, nothing done; days, tables or all of it built again: the same rows."""

from __future__ import annotations

import random
import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable
from hypothesis import given

from ..lakes import EVENTS, content, difference, drop, event, lake_at, partitions, same_files, versions, with_all_tables
from .test_equality import MANY, ONE, SEEDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.lake import Lake

    from ..conftest import Shop

FIRST = date(2026, 3, 1)
DATED = {
    "silver/events": "event_date",
    "silver/order_lines": "order_date",
    "silver/sessions": "session_date",
    "gold/purchases": "event_date",
    "gold/product_performance_daily": "event_date",
}


@pytest.fixture
def copy(shop: Shop, tmp_path: Path) -> Path:
    """The small shop's lake, to be run again."""
    return Path(shutil.copytree(shop.lake, tmp_path / "lake"))


@pytest.fixture
def again(shop: Shop, copy: Path) -> Lake:
    return shop.open(copy)


def test_a_second_and_a_third_run_commit_nothing_and_say_so(shop: Shop, again: Lake, copy: Path):
    before = versions(copy)

    reports = [again.run() for _ in range(2)]

    assert [(report.files, report.tables) for report in reports] == [(0, []), (0, [])]
    assert versions(copy) == before
    assert difference(content(copy), shop.content) == {}


def test_a_run_without_work_writes_nothing_into_the_state_store_either(again: Lake, copy: Path):
    logs = sorted(copy.glob("ops/*"))
    before = {log.name: DeltaTable(str(log)).version() for log in logs}

    again.run()

    assert {log.name: DeltaTable(str(log)).version() for log in logs} == before


@pytest.mark.slow
def test_all_tables_built_again_from_bronze_hold_the_same_rows(shop: Shop, again: Lake, copy: Path):
    again.run(full_refresh=True)

    assert difference(content(copy), shop.content) == {}
    assert again.run().tables == []


@pytest.mark.slow
def test_one_table_built_again_with_all_that_depends_on_it_holds_the_same_rows(shop: Shop, again: Lake, copy: Path):
    steps = again.run(select="silver.sessions+", full_refresh=True).tables

    assert {step.table.split(".")[0] for step in steps} == {"silver", "gold"}
    assert "silver.events" not in {step.table for step in steps}
    assert difference(content(copy), shop.content) == {}


@pytest.fixture
def deleted(copy: Path) -> Path:
    """A lake that lost, unnoticed, some rows of every table that is cut into days."""
    for table, by in DATED.items():
        DeltaTable(str(copy / table)).delete(f"{by} = '2026-03-04'")
    return copy


@pytest.mark.slow
def test_a_day_that_lost_its_rows_gets_them_back_and_no_other_day_is_touched(shop: Shop, again: Lake, deleted: Path):
    before = {table: partitions(deleted, table, by) for table, by in DATED.items()}

    again.run(start=date(2026, 3, 4), end=date(2026, 3, 4))

    assert difference(content(deleted, shop.answers()), shop.answers()) == {}
    for table in ("silver/events", "silver/order_lines", "gold/product_performance_daily"):
        assert same_files(before[table], partitions(deleted, table, DATED[table])) == before[table].keys()


def intervals(seed: int, count: int) -> Iterator[tuple[date, date]]:
    chance = random.Random(seed)
    for _ in range(count):
        first, last = sorted(FIRST + timedelta(chance.randint(-1, 9)) for _ in range(2))
        yield first, last


def check_intervals(shop: Shop, seed: int, count: int) -> None:
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(shop.lake, Path(folder) / "lake"))
        for first, last in [each for each in intervals(seed, count) for _ in range(2)]:
            before = {table: partitions(copy, table, by) for table, by in DATED.items()}
            shop.open(copy).run(start=first, end=last)
            for table, by in DATED.items():
                outside = {day for day in before[table] if not str(first) <= day <= str(last)}
                assert outside <= same_files(before[table], partitions(copy, table, by))
        assert difference(content(copy), shop.content) == {}


@with_all_tables
@ONE
@given(seed=SEEDS)
def test_any_days_built_again_twice_hold_the_same_rows_and_the_other_days_the_same_files(shop: Shop, seed):
    check_intervals(shop, seed, count=1)


@with_all_tables
@MANY
@given(seed=SEEDS)
def test_a_great_many_intervals_built_again_in_any_order_hold_the_same_rows(shop: Shop, seed):
    check_intervals(shop, seed, count=4)


FEWER = (*EVENTS, "sessions", "funnel_daily")


@pytest.mark.slow
def test_days_are_built_again_together_with_what_is_new(landing, at, tmp_path):
    lake = lake_at(at, landing, tables=FEWER)
    drop(landing, "events/a.json", event(1), event(2, event_name="purchase"))
    lake.run()
    drop(landing, "events/b.json", event(3, event_ts="2026-03-05T10:00:00Z"), event(4))
    lake.run(start=date(2026, 3, 2), end=date(2026, 3, 2))
    lake_at(tmp_path / "fresh", landing, tables=FEWER).run()

    assert difference(content(at), content(tmp_path / "fresh")) == {}


@pytest.mark.slow
def test_an_interval_outside_of_all_data_changes_nothing(landing, at):
    lake = lake_at(at, landing, tables=FEWER)
    drop(landing, "events/a.json", event(1), event(2))
    lake.run()
    before = content(at)

    lake.run(start=date(1999, 1, 1), end=date(1999, 12, 31))

    assert content(at) == before

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sample_shop import drop_marks, lake_landing, sample_shop, with_tables
from sample_tables import MARK_FILES, PRICE_FILES, daily, latest, marks, marks_raw, prices, prices_raw

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.ingest.file_discovery import File
from shoplake.engine.ingest.file_registry import FileRegistry
from shoplake.operations.upkeep.retention import Retention

TODAY = datetime.now(UTC)
YOUNG = [str((TODAY - timedelta(days=days)).date()) for days in (3, 2)]
OLD = "2020-01-01"
KEPT = replace(marks, keeps="100 days")
TABLES = (marks_raw, prices_raw, KEPT, prices, daily)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A lake with an old mark and a young one, and their totals by day in gold."""
    folder = tmp_path_factory.mktemp("retention")
    made = sample_shop(folder, TABLES)
    drop_marks(made, 0, OLD, *YOUNG[:1])
    made.run()
    return folder


@pytest.fixture
def lake(built, tmp_path):
    """A copy of it."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return sample_shop(tmp_path, TABLES)


def pieces(lake):
    return {str(row["day"]): row["pieces"] for row in lake.table("daily").to_arrow().to_pylist()}


def days(lake):
    return sorted(str(row["day"]) for row in lake.table("silver.marks").to_arrow().to_pylist())


def test_expired_rows_leave_their_table_and_totals_made_of_them_stay(lake):
    planned = lake.expired_rows()

    deleted = lake.expire()
    drop_marks(lake, 1, *YOUNG)
    lake.run()

    assert [(each.table, each.rows) for each in planned] == [("silver.marks", 1)] and deleted == planned
    assert days(lake) == [*YOUNG[:1], *YOUNG]
    assert pieces(lake) == {OLD: 1, YOUNG[0]: 2, YOUNG[1]: 1}
    assert lake.expired_rows() == [] and lake.verify() == []


@pytest.mark.parametrize("layer", [pytest.param("silver", marks=pytest.mark.slow), "gold"])
def test_a_late_row_of_an_expired_day_changes_no_total_until_a_full_refresh_has_all_rows_again(tmp_path, layer):
    lake = sample_shop(tmp_path, (*TABLES[:-1], replace(daily, layer=layer)))
    drop_marks(lake, 0, OLD, *YOUNG[:1])
    lake.run()
    lake.expire()
    drop_marks(lake, 1, OLD, *YOUNG[1:])
    drop_marks(lake, 2, OLD)
    lake.run()
    late = pieces(lake)

    lake.run(full_refresh=True)

    assert late == {OLD: 1, YOUNG[0]: 1, YOUNG[1]: 1}
    assert pieces(lake) == {OLD: 3, YOUNG[0]: 1, YOUNG[1]: 1}


def test_an_old_day_that_no_total_is_made_of_yet_is_built(lake):
    lake.expire()
    drop_marks(lake, 1, "2019-12-31")
    lake.run()

    assert pieces(lake) == {"2019-12-31": 1, OLD: 1, YOUNG[0]: 1}


def test_totals_of_expired_rows_outlive_a_full_refresh_of_gold(lake):
    lake.expire()

    lake.run(full_refresh=True, select="daily")

    assert pieces(lake) == {OLD: 1, YOUNG[0]: 1}


def test_totals_in_a_table_without_partitions_outlive_a_full_refresh_too(tmp_path):
    lake = sample_shop(tmp_path, (*TABLES[:-1], replace(daily, partition_by=())))
    drop_marks(lake, 0, OLD, *YOUNG[:1])
    lake.run()
    lake.expire()

    lake.run(full_refresh=True)

    assert pieces(lake) == {OLD: 1, YOUNG[0]: 1}


def test_expired_rows_that_changed_stay_until_what_is_made_of_them_has_read_them(lake):
    lake.run(full_refresh=True, select="marks")

    waiting = lake.expire()
    lake.run()
    kept = pieces(lake), days(lake)
    deleted = lake.expire()
    drop_marks(lake, 1, YOUNG[1])
    lake.run()

    assert [(each.table, each.waits_for) for each in waiting] == [("silver.marks", ("gold.daily",))]
    assert kept == ({OLD: 1, YOUNG[0]: 1}, [OLD, YOUNG[0]])
    assert [(each.table, each.waits_for) for each in deleted] == [("silver.marks", ())]
    assert pieces(lake) == {OLD: 1, YOUNG[0]: 1, YOUNG[1]: 1} and days(lake) == YOUNG
    assert lake.verify() == []


def test_expired_rows_wait_for_no_table_that_has_not_read_a_younger_day(lake):
    drop_marks(lake, 1, YOUNG[1])
    lake.run(layer="bronze")
    lake.run(select="marks")

    deleted = lake.expire()
    lake.run()

    assert [each.waits_for for each in deleted] == [()]
    assert pieces(lake) == {OLD: 1, YOUNG[0]: 1, YOUNG[1]: 1} and days(lake) == YOUNG


def test_an_expiry_that_is_killed_is_completed_by_the_next_and_keeps_totals(lake):
    def die(name):
        if name == "after_expire_rows":
            raise KeyboardInterrupt

    set_crash_hook(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            lake.expire()
    finally:
        set_crash_hook(None)
    lake.run()

    assert lake.verify() != []
    assert lake.expire() == [] and pieces(lake) == {OLD: 1, YOUNG[0]: 1}
    assert lake.verify() == []


def test_bronze_and_landing_follow_the_tables_made_from_them(lake):
    later = TODAY + timedelta(days=200)
    retention = Retention(lake.engine, lake.catalog, lake.state, lake.settings.feeds, later)

    planned = {each.table: each.rows for each in retention.plan()}

    assert planned == {"bronze.marks_raw": 2, "silver.marks": 2}
    assert retention.expired_files() == [lake_landing(lake) / "marks/0.json"]
    assert Retention(lake.engine, lake.catalog, lake.state, lake.settings.feeds).expired_files() == []


@pytest.mark.parametrize(("feed", "days"), [("shop", 0), ("other", 200)], ids=["table without retention", "feed"])
def test_a_file_stays_while_another_table_or_feed_has_records_of_it(lake, feed, days):
    later = TODAY + timedelta(days=200)
    stream = PRICE_FILES if feed == "shop" else MARK_FILES
    file = File(feed, stream, "marks/0.json", "marks/0.json", 1, None, "sha")
    FileRegistry(lake.state, "r", TODAY + timedelta(days=days)).record([file], "ingested", "b000000009")
    feeds = (*lake.settings.feeds, replace(lake.settings.feeds[0], name="other"))

    assert Retention(lake.engine, lake.catalog, lake.state, feeds, later).expired_files() == []


def test_bronze_stays_while_a_table_made_from_it_keeps_everything(lake):
    catalog = with_tables(lake, latest).catalog
    retention = Retention(lake.engine, catalog, lake.state, (), TODAY + timedelta(days=200))

    assert [each.table for each in retention.plan()] == ["silver.marks"]


@pytest.mark.slow
def test_a_quarantine_follows_its_table(lake):
    (lake_landing(lake) / "marks/9.json").write_text('{"id": "bad"}\n')
    lake.run()
    retention = Retention(lake.engine, lake.catalog, lake.state, (), TODAY + timedelta(days=200))

    retention.execute(retention.plan())

    assert lake.row_count("silver.marks_quarantine") == 0 and lake.row_count("silver.marks") == 0
    assert lake.verify() == []

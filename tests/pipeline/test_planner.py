from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable
from sample_lake import SampleLake
from sample_tables import DAYS, daily, mark, marks, price

from shoplake.declare import Replace
from shoplake.engine import EXPIRATIONS
from shoplake.engine.write.table_plan import (
    Batches,
    DateRange,
    FullRefresh,
    Partitions,
    PendingFiles,
    Sessions,
)
from shoplake.errors import UnknownTableError


@pytest.fixture
def sample(spark, tmp_path):
    made = SampleLake(spark, tmp_path)
    made.drop("marks/a", mark("a"), mark("b", f"{DAYS[1]}T09:00:00Z", n=2))
    return made


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory):
    made = SampleLake(spark, tmp_path_factory.mktemp("ran"))
    made.drop("marks/a", mark("a"), mark("b", f"{DAYS[1]}T09:00:00Z", n=2))
    made.run()
    return made


@pytest.fixture
def ran(template, tmp_path):
    """The same after a run."""
    return template.copy(tmp_path)


def plans(sample, **selection):
    return {table.table: table for table in sample.plan(**selection).tables}


def tree(folder: Path):
    return {path: path.is_file() and path.read_bytes() for path in sorted(folder.rglob("*"))}


def test_on_an_empty_lake_every_table_is_built_and_nothing_is_written(sample, tmp_path):
    before = tree(tmp_path)

    plan = sample.plan()

    assert {table.actions for table in plan.tables} == {(FullRefresh(),)}
    assert {table.reason for table in plan.tables} == {"It is not built yet."}
    assert [(each.table, each.files) for each in plan.files] == [("marks_raw", 1)]
    assert tree(tmp_path) == before


def test_a_plan_of_a_lake_with_news_writes_nothing(ran, tmp_path):
    ran.drop("marks/b", mark("c", n=5))
    before = tree(tmp_path)

    for selection in ({}, {"full_refresh": True}, {"start": date(2026, 3, 1)}, {"select": "gold.daily+"}):
        ran.plan(**selection)

    assert tree(tmp_path) == before


def test_an_up_to_date_lake_has_nothing_to_do(ran):
    plan = ran.plan()

    assert plan.is_nothing
    assert {table.reason for table in plan.tables} == {"No input has changed."}


def test_new_files_are_counted_and_the_tables_after_them_depend_on_them(ran):
    ran.drop("marks/b", mark("c", n=5))

    plan = ran.plan()

    size = (ran.landing / "marks/b.json").stat().st_size
    assert plan.files == (PendingFiles("marks_raw", 1, size),)
    tables = {table.table: table for table in plan.tables}
    assert tables["silver.marks"].depends_on == ("bronze.marks_raw",)
    assert tables["silver.marks"].reason == "After bronze.marks_raw: the rows of the new batches."
    assert tables["gold.daily"].reason == "After silver.marks: the partitions that change."
    assert tables["silver.visits"].reason == "After silver.marks: the sessions that new rows touch."
    assert tables["silver.prices"].is_nothing


@pytest.fixture
def behind(ran):
    """A lake with a new batch of marks that no other table has read yet."""
    ran.drop("marks/b", mark("c", f"{DAYS[1]}T10:00:00Z"))
    offsets = ran.state.offsets()
    ran.run()
    ran.state.commit_offsets(offsets, "r", ran.state.next_run_time())
    return ran


def test_a_plan_names_batches_partitions_and_sessions_with_their_versions(behind):
    tables = plans(behind)

    assert tables["silver.marks"].actions == (Batches(("b000000002",)),)
    assert tables["silver.marks"].reason == "There is 1 new batch of marks_raw."
    assert tables["gold.daily"].actions == (Partitions(frozenset({DAYS[1]})),)
    assert tables["silver.visits"].actions == (Sessions(1, "day"),)
    (batches,), (versions,) = tables["silver.marks"].inputs, tables["silver.visits"].inputs
    assert (batches.before.batch_id, batches.after.batch_id) == ("b000000001", "b000000002")
    assert (versions.before.version, versions.after.version) == (1, 2)


def test_a_full_refresh_is_planned_where_it_is_requested(ran):
    assert {table.actions for name, table in plans(ran, full_refresh=True).items() if name != "silver.prices"} == {
        (FullRefresh(),)
    }
    assert plans(ran, select="gold.daily", full_refresh=True).keys() == {"gold.daily"}


def test_requested_dates_are_planned_by_partition(ran):
    dates = DateRange(date(2026, 3, 2), date(2026, 3, 5))

    tables = plans(ran, start=dates.start, end=dates.end)

    assert tables["silver.marks"].actions == (dates,)
    assert tables["silver.visits"].actions == (Sessions(1, "day", dates),)
    assert tables["gold.daily"].actions == (Partitions(frozenset({DAYS[1]})),)


def test_a_file_that_replaces_another_is_planned_as_a_full_refresh(behind):
    behind.settings = replace(behind.settings, on_changed_file="replace")
    offsets = behind.state.offsets()
    behind.drop("marks/a", mark("z"))
    behind.run()
    behind.state.commit_offsets(offsets, "r", behind.state.next_run_time())

    plan = plans(behind)["silver.marks"]

    assert (plan.actions, plan.reason) == ((FullRefresh(),), "A new file replaces one that was ingested before.")


def test_a_selected_table_is_planned_alone_and_no_files_are_ingested(ran):
    ran.drop("prices/a", price("x", "1.00", "2026-03-01"))

    plan = ran.plan(select="gold.totals")

    assert ([table.table for table in plan.tables], plan.files) == (["gold.totals"], ())


def test_an_unknown_table_is_refused(sample):
    with pytest.raises(UnknownTableError, match="'dayly'"):
        sample.plan(select="dayly")


LOST = "Older partitions keep what was made of expired rows."


def rebuild(ran, kept_from):
    """The plans of a full refresh after a clean-up that left marks from a day on; those of the first day are gone."""
    DeltaTable(ran.engine.path(marks)).delete(f"day = '{DAYS[0]}'")
    ran.state.append(EXPIRATIONS, [{"table": "silver.marks", "kept_from": date.fromisoformat(kept_from)}])
    return plans(ran, full_refresh=True)


def left(plan):
    (action,) = plan.actions
    assert action == FullRefresh()
    return action.left


def test_a_rebuild_leaves_partitions_that_are_made_of_expired_rows(ran):
    plan = rebuild(ran, DAYS[1])["gold.daily"]

    assert left(plan) == {DAYS[0]}
    assert LOST in plan.reason


def test_a_rebuild_takes_a_young_partition_although_its_input_has_none(ran):
    assert left(rebuild(ran, "1999-01-01")["gold.daily"]) == frozenset()


def test_a_rebuild_takes_the_partition_of_the_first_day_that_is_kept(ran):
    assert left(rebuild(ran, DAYS[0])["gold.daily"]) == frozenset()


def test_a_rebuild_is_a_full_refresh_without_a_clean_up_partitions_or_gold(ran):
    unlimited = plans(ran, full_refresh=True)

    limited = rebuild(ran, DAYS[1])

    assert unlimited["gold.daily"].actions == (FullRefresh(),)
    assert {name: limited[name].actions for name in ("gold.totals", "silver.visits")} == {
        "gold.totals": (FullRefresh(),),
        "silver.visits": (FullRefresh(),),
    }
    assert LOST not in limited["gold.totals"].reason


def test_a_rebuild_leaves_a_month_of_which_days_are_expired(ran):
    ran.catalog = ran.catalog.replaced(replace(daily, write=Replace("day", by_month=True)))

    plan = rebuild(ran, DAYS[2])["gold.daily"]

    assert left(plan) == set(DAYS[:2])


def test_a_plan_that_is_no_rebuild_is_the_same_with_retention(ran):
    DeltaTable(ran.engine.path(marks)).delete(f"day = '{DAYS[0]}'")
    unlimited = plans(ran)["gold.daily"]

    ran.catalog = ran.catalog.replaced(replace(marks, keeps="1 days"))

    assert plans(ran)["gold.daily"] == unlimited and FullRefresh() not in unlimited.actions

from dataclasses import replace
from datetime import date

import pytest
from sample_tables import CATALOG, copies, daily, mark, marks, price, prices, records, totals, visits

from shoplake.declare import Feed, FeedKind, Replace, Upsert
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_location import PathTable
from shoplake.errors import UnknownTableError
from shoplake.pipeline.planner import (
    PartitionSet,
    RunSelection,
    changed_partitions,
    date_range_columns,
    partition_column,
    table_fed_feeds,
)

FIRST, SECOND, THIRD = DAYS = [f"2026-03-0{n}" for n in (1, 2, 3)]
NOTHING = RunSelection()
ONE_STEP = ({"daily": 1}, {"daily": 2}, NOTHING)


def names(only):
    return [table.name for table in RunSelection(select=only).tables(CATALOG)]


def test_without_a_choice_all_tables_are_brought_up_to_date_in_order():
    assert RunSelection().tables(CATALOG) == CATALOG.ordered


@pytest.mark.parametrize("only", ["daily", "gold.daily"])
def test_one_table_can_be_chosen(only):
    assert names(only) == ["daily"]


@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        ("daily+", {"daily", "totals"}),
        ("silver.marks+", {"marks", "visits", "daily", "totals"}),
        ("totals+", {"totals"}),
        ("prices_raw+", {"prices_raw", "prices", "daily", "totals"}),
    ],
)
def test_with_a_plus_also_all_that_depends_on_it_is_chosen_in_order(only, chosen):
    assert set(names(only)) == chosen
    assert names(only) == [table.name for table in CATALOG.ordered if table.name in chosen]


@pytest.mark.parametrize("only", ["dayly", "silver.daily", "dayly+"])
def test_a_table_that_nobody_declares_is_named(only):
    with pytest.raises(UnknownTableError, match=r"^Unknown table '(silver\.daily|dayly)'\. "):
        names(only)


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (None, None, []),
        (2, None, [SECOND, THIRD]),
        (None, 2, [FIRST, SECOND]),
        (2, 2, [SECOND]),
        (3, 1, []),
    ],
)
def test_days_are_held_from_the_first_to_the_last_both_included(first, last, held):
    days = [n and date(2026, 3, n) for n in (first, last)]
    scope = RunSelection(False, *days)

    assert [day for day in DAYS if scope.includes(day)] == held
    assert scope.has_dates == (first is not None or last is not None)


@pytest.mark.parametrize(
    ("slices", "upstream", "columns"),
    [
        ({}, marks, ("day", "day")),
        ({}, prices, None),
        ({"prices": "valid_from"}, prices, ("valid_from", "valid_from")),
        ({"prices": ("valid_from", "valid_to")}, prices, ("valid_from", "valid_to")),
        ({"prices": ("valid_from", "nowhere")}, prices, None),
        ({"marks": "nowhere"}, marks, None),
    ],
)
def test_the_columns_that_say_which_slices_a_row_matters_to(slices, upstream, columns):
    assert date_range_columns(replace(daily, write=Replace("day", slices)), upstream) == columns


@pytest.mark.parametrize("table", [totals, marks, visits])
def test_a_table_that_is_not_replaced_by_slices_reads_all(table):
    assert date_range_columns(table, daily) is None


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """Marks on three days, and one more on the second; two prices, and one more."""
    engine = DeltaEngine(spark, str(tmp_path_factory.mktemp("lake")))
    for table in (marks, prices):
        engine.create_if_missing(table)
    for number, day in enumerate([*DAYS, SECOND]):
        engine.write(marks, marks(records(spark, mark(f"e{number}", f"{day}T09:00:00Z"), batch=f"b{number}")))
    told = [price("a", "1.00", FIRST), price("b", "1.00", f"{THIRD}T10:00:00Z")]
    for count in (1, 2):
        engine.write(prices, prices(records(spark, *told[:count])))
    return engine


def asked(engine, done, scope=NOTHING, table=daily):
    now = {name: engine.version(CATALOG[name]) for name in ("marks", "prices")}
    return changed_partitions(engine, CATALOG, table, now | done, now, scope).days


def test_where_nothing_changed_no_day_is_built(lake):
    assert asked(lake, {}) == frozenset()


def test_the_days_that_changed_are_built(lake):
    assert asked(lake, {"marks": 3}) == {SECOND}
    assert asked(lake, {"marks": 2}) == {SECOND, THIRD}


def test_a_change_in_a_history_shows_from_the_day_before_it_on(lake):
    assert asked(lake, {"prices": 1}) == {SECOND, THIRD}


def test_a_history_that_says_the_same_as_before_changes_no_day(lake, spark):
    again = [price("a", "1.00", FIRST), price("b", "1.00", f"{THIRD}T10:00:00Z")]
    since = lake.version(prices)
    lake.full_refresh(prices, prices(records(spark, *again)))

    assert lake.version(prices) > since
    assert asked(lake, {"prices": since}) == frozenset()


@pytest.mark.parametrize("name", ["marks", "prices"])
def test_where_nobody_knows_what_was_read_all_days_are_built(lake, name):
    assert asked(lake, {name: None}) is None


def test_the_days_that_are_asked_for_are_built_if_there_are_any(lake):
    assert asked(lake, {}, RunSelection(start=date(2026, 3, 2), end=date(2026, 3, 9))) == {SECOND, THIRD}
    assert asked(lake, {"marks": 3}, RunSelection(end=date(2026, 3, 1))) == {FIRST, SECOND}


def test_a_table_without_slices_is_built_whole(lake):
    assert changed_partitions(lake, CATALOG, totals, *ONE_STEP) == PartitionSet(None)


def test_an_upstream_without_days_or_history_has_all_days_built(lake):
    bare = replace(marks, columns=marks.columns[:3])
    catalog = dict(CATALOG) | {"marks": bare}
    done = {"marks": 1, "prices": lake.version(prices)}

    assert changed_partitions(lake, catalog, daily, done, {**done, "marks": 2}, NOTHING).days is None


def test_an_upstream_that_is_not_kept_by_days_changes_those_of_its_rows_that_differ(lake):
    catalog = dict(CATALOG) | {"marks": replace(marks, partition_by=())}
    now = {name: lake.version(CATALOG[name]) for name in ("marks", "prices")}

    assert changed_partitions(lake, catalog, daily, {**now, "marks": 2}, now, NOTHING).days == {SECOND, THIRD}


def test_where_the_log_no_longer_says_all_days_are_built(lake, monkeypatch):
    monkeypatch.setattr(DeltaEngine, "commit_diff", lambda *_: None)

    assert asked(lake, {"marks": 3}) is None


# Tables whose rows are each made of one row of another


@pytest.fixture
def since(lake):
    """What is told of `copies`, brought up to the second version of `marks`, when that is at its last."""
    lake.create_if_missing(copies)
    lake.write(copies, copies(lake.read(marks)))

    def told(done=2, own=0, scope=NOTHING, **others):
        now, done = ({"marks": version} | others for version in (lake.version(marks), done))
        return changed_partitions(
            lake, CATALOG, copies, done, now | dict.fromkeys(others, 9), scope, lake.version(copies) - own
        ).since

    return told


def test_where_rows_were_only_added_it_is_enough_to_add_what_they_make(since):
    assert since(done=2) == 2


def test_where_rows_went_as_well_days_are_put_in_place(lake, since, monkeypatch):
    changes = lake.commit_diff(marks, 2)
    monkeypatch.setattr(DeltaEngine, "commit_diff", lambda *_: replace(changes, removed=changes.added[:1]))

    assert since(done=2) is None


def test_where_another_input_changed_too_days_are_put_in_place(since):
    assert since(prices=1) is None
    assert since(prices=9) == 2


def test_where_the_table_is_not_as_it_was_left_days_are_put_in_place(since):
    assert since(own=1) is None


def test_where_days_are_asked_for_they_are_put_in_place(since):
    assert since(scope=RunSelection(start=date(2026, 3, 2))) is None


def test_where_somebody_else_might_add_the_same_rows_days_are_put_in_place(since, monkeypatch):
    monkeypatch.setattr(PathTable, "is_single_writer", False)

    assert since(done=2) is None


# Tables that have rows from streams and from tables


@pytest.mark.parametrize(
    ("write", "by"),
    [
        (Replace("day"), "day"),
        (Replace(), None),
        (Upsert(order_by="at"), None),
        (Upsert(order_by="at", input_partitions={"daily": "day"}), "day"),
    ],
)
def test_the_slices_of_a_table_are_named_by_its_way_of_writing(write, by):
    assert partition_column(replace(marks, write=write)) == by


def test_the_feeds_whose_rows_are_made_of_tables_are_told_with_those_tables():
    def lines(raw, other, *, feeds):
        return raw

    declared = replace(marks, build=lines, incremental=("raw",))
    kinds = [FeedKind(name, name, (), {"lines": {name: lines}}) for name in ("raw", "other")]
    feeds = tuple(Feed(f"shop of {kind.name}", kind, "") for kind in kinds)

    assert table_fed_feeds(declared, feeds) == (["other"], ["shop of other"])
    assert table_fed_feeds(replace(declared, incremental=()), feeds) == ([], [])

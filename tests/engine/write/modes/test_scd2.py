from datetime import UTC
from functools import partial

import pytest
from deltalake import DeltaTable
from sample_histories import Lake, day, things
from sample_tables import price, prices, records, rows_of
from sample_writes import SeenRows

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.table_plan import FullRefresh


@pytest.fixture
def lake(spark, tmp_path):
    return Lake(spark, tmp_path / "lake")


def row(thing="a", day=0, name="x", price=1, operation=None, sequence=None, sets=None):
    return thing, day, name, price, operation, sequence, sets


def files(lake, month):
    at = f"valid_to_month={month}/"
    return {uri.rpartition(at)[2] for uri in DeltaTable(lake.engine.path(things)).file_uris() if at in uri}


@pytest.mark.sample
def test_a_late_change_is_placed_by_one_that_had_changed_nothing(lake):
    for change in (row(day=0), row(day=20), row(day=10, name="y")):
        lake.take(change)

    assert lake.versions() == [("a", 0, 10, "x", 1), ("a", 10, 20, "y", 1), ("a", 20, None, "x", 1)]


def test_a_late_change_of_a_column_changes_later_versions_up_to_its_next_change(lake):
    for change in (row(), row(day=10, sets=("name",), name="y"), row(day=20, sets=("price",), price=3)):
        lake.take(change)

    lake.take(row(day=5, sets=("price",), price=2))

    assert lake.versions() == [
        ("a", 0, 5, "x", 1),
        ("a", 10, 20, "y", 2),
        ("a", 20, None, "y", 3),
        ("a", 5, 10, "x", 2),
    ]


def test_the_files_of_months_that_no_change_touches_stay(lake):
    lake.take(*[row(thing, day) for thing in "ab" for day in (0,)], *[row(day=day, price=day) for day in (40, 80)])
    before = files(lake, "2026-03-01")

    lake.take(row("b", 85, price=5), row("a", 100, price=6))

    assert before and files(lake, "2026-03-01") == before


def test_a_change_that_changes_nothing_commits_no_version(lake):
    lake.take(row())
    before = lake.engine.version(things)

    written = lake.take(row(day=5))

    assert (written.rows_written, lake.engine.version(things)) == (1, before)


def test_changes_that_are_known_commit_nothing_at_all(lake):
    lake.take(row(), row(day=5, name=None))
    before = [lake.engine.version(each) for each in (things, things.changelog)]

    lake.take(row(), row(), row(day=5, name=None))

    assert [lake.engine.version(each) for each in (things, things.changelog)] == before


def test_a_deletion_that_comes_before_all_else_ends_the_version_of_an_earlier_change(lake):
    lake.take(row(day=5, operation="delete"))

    lake.take(row())

    assert lake.versions() == [("a", 0, 5, "x", 1)]


@pytest.mark.sample
def test_a_late_change_of_all_columns_comes_before_a_partial_one_of_its_moment(lake):
    for change in (row(), row(day=5, sets=("name",), name="z"), row(day=5, name="a", price=0)):
        lake.take(change)

    assert lake.versions() == [("a", 0, 5, "x", 1), ("a", 5, None, "z", 0)]


def test_a_change_of_one_column_at_a_known_moment_keeps_the_others(lake):
    name = {"day": 5, "sets": ("name",)}
    for change in (row(), row(name="y", sequence=2, **name), row(name="z", sequence=1, **name)):
        lake.take(change)

    assert lake.versions() == [("a", 0, 5, "x", 1), ("a", 5, None, "y", 1)]


def test_a_history_built_again_from_all_changes_is_the_same(lake):
    changes = [row(), row(day=9, name="y"), row("b", 3, operation="delete"), row("b", 1)]
    lake.take(*changes)
    before = lake.versions()

    written = lake.take(*changes, *changes, action=FullRefresh())

    assert lake.versions() == before
    assert (written.rows_written, written.rows_duplicate, lake.engine.row_count(things.changelog)) == (4, 4, 4)


def test_a_history_built_again_from_fewer_changes_has_no_others_in_its_changelog(lake):
    lake.take(row(), row(day=9, name="y"))

    lake.take(row(day=9, name="y"), action=FullRefresh())

    assert (lake.versions(), lake.engine.row_count(things.changelog)) == ([("a", 9, None, "y", 1)], 1)


def test_of_a_history_that_is_built_again_the_invalid_changes_alone_are_in_quarantine(engine, take, spark):
    for name, batch in (("bad", "b1"), ("good", "b2")):
        take(price("a", "1.00" if name == "good" else name, "2026-03-01T00:00:00Z"), into=prices, batch=batch)

    rows = records(spark, price("a", "1.00", "2026-03-01T00:00:00Z"), price("a", "worse", "2026-03-01T00:00:00Z"))
    engine.write(prices, prices(rows), FullRefresh())

    assert ["worse" in raw for (raw,) in rows_of(engine, prices.quarantine, "raw")] == [True]


@pytest.mark.parametrize(
    ("change", "first"),
    [(row(day=9, name="y"), 9), (row(day=-9, name="y"), -9), (row("b", 3), 3), (row(day=20), None)],
)
def test_the_first_moment_is_reported_at_which_a_history_says_something_else(lake, change, first):
    lake.take(row(), row("c", 2))
    since = lake.engine.version(things)

    lake.take(change)

    moment = lake.engine.changed_since(things, lake.engine.commit_diff(things, since))
    assert (moment and day(moment.replace(tzinfo=UTC))) == first


def test_of_two_changes_at_one_moment_the_known_one_counts_if_its_sequence_is_greater(lake):
    for change in (row(name="z", day=5, sequence=2), row(name="y", day=5, sequence=1)):
        lake.take(change)

    assert lake.versions() == [("a", 5, None, "z", 1)]


@pytest.mark.sample
def test_a_deletion_that_is_undone_at_its_very_moment_leaves_one_version(lake):
    for change in (
        row(),
        row(day=5, operation="delete", sequence=1),
        row(day=5, operation="insert", sequence=2),
    ):
        lake.take(change)

    assert lake.versions() == [("a", 0, None, "x", 1)]


def test_versions_that_a_late_change_joins_leave_their_months(lake):
    lake.take(row(), row(day=40, name="y"), row(day=80, name="z"))

    lake.take(row(day=40, sequence=1))

    assert lake.versions() == [("a", 0, 80, "x", 1), ("a", 80, None, "z", 1)]


def test_changes_of_two_columns_at_one_moment_both_apply_though_they_arrive_apart(lake):
    for change in (row(), row(day=5, sets=("name",), name="z"), row(day=5, sets=("price",), price=2)):
        lake.take(change)

    assert lake.versions() == [("a", 0, 5, "x", 1), ("a", 5, None, "z", 2)]


@pytest.mark.sample
def test_a_check_sees_the_versions_of_the_months_that_change_beside_the_others(lake):
    seen = SeenRows("name")
    write = partial(seen.write, lake.engine)

    lake.take(row(), row(day=40, name="y"), write=write)
    lake.take(row(day=80, name="z"), write=write)
    lake.take(row(day=80, name="z"), write=write)
    lake.take(row(), row(day=40, name="y"), action=FullRefresh(), write=write)

    assert seen.commits == [
        ([("x",), ("y",)], None),
        ([("y",), ("z",)], [("x",)]),
        ([("x",), ("y",)], None),
    ]


def test_changes_that_are_repeated_are_counted_unless_their_own_batch_comes_again(take):
    first, second = (price("a", "1.00", f"2026-03-0{day}T00:00:00Z") for day in (1, 2))

    counts = [
        take(*changes, into=prices, batch=batch)
        for changes, batch in (((first, first), "b1"), ((first, second), "b2"), ((first, second), "b2"))
    ]

    assert counts == [WriteResult(2, 1, 0, 1)] * 3


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.sample)])
def test_invalid_changes_are_quarantined_once_whatever_is_written_beside_them(engine, take, times):
    beside = [(), (price("a", "1.00", "2026-03-01T00:00:00Z"),), (price("a", "2.00", "2026-03-05T00:00:00Z"),)]
    beside += [(price("a", "2.00", "2026-03-07T00:00:00Z"),), ()]

    for number, changes in enumerate(beside):
        for _ in range(times):
            take(price("a", f"bad {number}", "2026-03-01T00:00:00Z"), *changes, into=prices, batch=f"b{number}")

    found = [raw for (raw,) in rows_of(engine, prices.quarantine, "raw")]
    assert [f"bad {number}" in raw for number, raw in enumerate(found)] == [True] * 5

"""A table that is rebuilt by keys is always what a full refresh makes of its inputs, and little of it is written."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F
from sample_rebuilds import ANY_ORDER, Rebuild
from sample_tables import FEED, marks, totals

from shoplake.declare import KeyFinder, RebuildKeys, Replace, col, table
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write import input_changes
from shoplake.engine.write.shared_inputs import SharedInputs
from shoplake.engine.write.table_plan import AllRows, FullRefresh, Keys

WHO = ("feed", "who")


def find_all(rows, marks):
    """The keys of all marks of the feeds that changed."""
    return marks.join(rows.select("feed"), on="feed", how="semi").select(*WHO)


@table(
    "gold",
    key=["feed", "who", "day"],
    write=Replace(
        partition_by="day",
        compare_partitions=True,
        rebuild_keys=RebuildKeys(WHO, {"marks": WHO}, {"totals": KeyFinder(("feed",), find_all, ("marks",))}),
    ),
    partition_by=["day"],
    columns=[
        FEED,
        col("who", "string", "Who made them"),
        col("day", "date", "The day"),
        col("n", "bigint", "Of the day", unit="1"),
        col("best", "bigint", "The most of one mark on any day", unit="1"),
        col("all_pieces", "bigint", "Of all", unit="1"),
    ],
)
def shares(marks, totals):
    """One row per feed, person and day."""
    best = marks.groupBy(*WHO).agg(F.max("n").cast("bigint").alias("best"))
    days = marks.groupBy(*WHO, "day").agg(F.sum("n").cast("bigint").alias("n"))
    known = days.join(best, on=list(WHO)).join(totals, on="feed", how="left")
    return known.select("feed", "who", "day", "n", "best", F.col("pieces").alias("all_pieces"))


def mark(id, who="ann", day=1, n=1):
    return {"feed": "shop", "id": id, "who": who, "at": f"2026-03-{day:02} 09:00", "day": f"2026-03-{day:02}", "n": n}


@pytest.fixture
def rebuild(spark, tmp_path):
    return Rebuild(spark, tmp_path / "lake", shares, [marks, totals])


def test_the_first_build_is_a_full_refresh_and_later_ones_are_of_keys(rebuild, some):
    rebuild.put("marks", some(marks, mark("a"), mark("b", "bob")))
    assert rebuild.update().actions == (FullRefresh(),)

    rebuild.put("marks", some(marks, mark("a"), mark("b", "bob"), mark("c", day=2, n=5)))
    [action] = rebuild.update().actions

    assert isinstance(action, Keys)
    assert rebuild.stored() == rebuild.computed()


def test_of_an_input_of_many_small_files_a_copy_is_read(rebuild, some, monkeypatch):
    days, copied, stage = [mark(str(day), day=day) for day in range(1, 14)], [], SharedInputs.stage
    rebuild.put("marks", some(marks, *days))
    rebuild.update()
    monkeypatch.setattr(SharedInputs, "stage", lambda self, key, *rest: copied.append(key) or stage(self, key, *rest))

    rebuild.put("marks", some(marks, *days, mark("c", day=2, n=5)))
    [action] = rebuild.update().actions

    assert isinstance(action, Keys)
    assert [each.path for each in copied] == [marks.path]
    assert rebuild.stored() == rebuild.computed()


@pytest.mark.parametrize(("changed", "action"), [(3, Keys), (4, AllRows)])
def test_a_change_of_half_of_many_partitions_of_an_input_computes_all_rows(rebuild, some, monkeypatch, changed, action):
    monkeypatch.setattr(input_changes, "MANY_PARTITIONS", 2)
    rebuild.put("marks", some(marks, *[mark(str(day), day=day) for day in range(1, 9)]))
    rebuild.update()

    days = some(marks, *[mark(str(day), day=day, n=2) for day in range(1, changed + 1)])
    rebuild.engine.location(marks).overwrite(days, ["day"], f"day <= '2026-03-{changed:02}'")
    [planned] = rebuild.update().actions

    assert isinstance(planned, action)
    assert rebuild.stored() == rebuild.computed()


def test_partitions_without_a_changed_key_keep_their_files(rebuild, some):
    rebuild.put("marks", some(marks, mark("a"), mark("b", "bob", day=2)))
    rebuild.update()
    before = rebuild.files("2026-03-02")

    rebuild.put("marks", some(marks, mark("a", n=3), mark("b", "bob", day=2)))
    rebuild.update()

    assert rebuild.files("2026-03-02") == before
    assert rebuild.results == [WriteResult(1, 1, rows_replaced=1)]
    assert rebuild.stored() == rebuild.computed()


def test_of_many_partitions_those_that_had_or_get_a_row_of_a_key_are_compared(rebuild, some):
    others = [mark(f"b{day}", "bob", day=day) for day in range(1, 19)]
    rebuild.put("marks", some(marks, *others, mark("a", day=1), mark("c", day=4)))
    rebuild.update()
    before = rebuild.files("2026-03-05")

    rebuild.put("marks", some(marks, *others, mark("a", day=20), mark("c", day=4)))
    [action] = rebuild.update().actions

    assert isinstance(action, Keys) and action.partitions is None
    assert rebuild.stored() == rebuild.computed()
    assert rebuild.files("2026-03-05") == before


def test_where_no_row_differs_nothing_is_committed(rebuild, some):
    rebuild.put("marks", some(marks, mark("a", n=1), mark("b", n=2)))
    rebuild.update()
    before = rebuild.engine.version(shares)

    rebuild.put("marks", some(marks, mark("a", n=2), mark("b", n=1)))
    assert rebuild.update().actions
    assert (rebuild.results, rebuild.engine.version(shares)) == ([WriteResult(0, 0)], before)


def test_a_lookup_that_matters_to_no_row_changes_nothing(rebuild, some):
    other = {"feed": "other", "pieces": 1}
    rebuild.put("marks", some(marks, mark("a")))
    rebuild.put("totals", some(totals, other))
    rebuild.update()

    for pieces in (2, 2):
        rebuild.put("totals", some(totals, other | {"pieces": pieces}))
        assert rebuild.update().actions
        assert rebuild.results == [WriteResult(0, 0)]


def test_a_lookup_changes_the_keys_that_its_finder_returns(rebuild, some):
    rebuild.put("marks", some(marks, mark("a"), mark("b", "bob")))
    rebuild.update()

    rebuild.put("totals", some(totals, {"feed": "shop", "pieces": 7}))
    rebuild.update()

    assert rebuild.stored() == rebuild.computed() != {}


def test_of_a_table_that_compares_partitions_all_are_read(rebuild, some):
    rebuild.put("marks", some(marks, mark("a")))
    rebuild.update()
    rebuild.put("marks", some(marks, mark("a", n=2)))

    assert [action.partitions for action in rebuild.update().actions] == [None]


def test_keys_of_both_of_two_inputs_that_change_are_rebuilt(rebuild, some):
    rebuild.put("marks", some(marks, mark("a"), mark("b", "bob") | {"feed": "other"}))
    rebuild.put("totals", some(totals, {"feed": "other", "pieces": 1}))
    rebuild.update()

    rebuild.put("marks", some(marks, mark("a", n=5), mark("b", "bob") | {"feed": "other"}))
    rebuild.put("totals", some(totals, {"feed": "other", "pieces": 2}))
    [action] = rebuild.update().actions

    assert isinstance(action, Keys)
    assert rebuild.stored() == rebuild.computed()


@pytest.mark.parametrize("partition_by", [("day",), ("feed", "day"), ("who",), ()], ids=" ".join)
@pytest.mark.parametrize("late", [mark("c", day=3), mark("c") | {"day": None}], ids=["a day", "no day"])
def test_of_the_keys_that_changed_partitions_that_are_left_stay_as_they_are(spark, tmp_path, some, partition_by, late):
    rebuild = Rebuild(spark, tmp_path / "lake", replace(shares, partition_by=partition_by), [marks, totals])
    rebuild.put("marks", some(marks, mark("a"), mark("b", day=2), mark("z", "zoe")))
    rebuild.update()
    before = rebuild.stored()
    rebuild.put("marks", some(marks, mark("a", n=5), mark("b", day=2, n=6), late, mark("z", "zoe")))

    rebuild.update(left=frozenset({"2026-03-01"}))

    is_old = {row: "datetime.date(2026, 3, 1)" in row for row in rebuild.computed() | before}
    assert {row for row in rebuild.stored() if is_old[row]} == {row for row in before if is_old[row]}
    assert {row for row in rebuild.stored() if not is_old[row]} == {
        row for row in rebuild.computed() if not is_old[row]
    }


MARKS = st.lists(
    st.builds(
        mark, st.sampled_from("abcdef"), st.sampled_from(["ann", "bob", "cy"]), st.integers(1, 3), st.integers(1, 3)
    ),
    max_size=5,
    unique_by=lambda row: row["id"],
)


@pytest.mark.slow
@settings(ANY_ORDER, max_examples=6)
@given(steps=st.lists(MARKS, min_size=2, max_size=4))
def test_any_changes_leave_the_rows_of_a_full_refresh(spark, some, tmp_path_factory, steps):
    rebuild = Rebuild(spark, tmp_path_factory.mktemp("any") / "lake", shares, [marks, totals])
    for rows in steps:
        rebuild.put("marks", some(marks, *rows))
        rebuild.update()
        assert rebuild.stored() == rebuild.computed()

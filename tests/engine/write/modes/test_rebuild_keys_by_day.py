"""Of a table that is rebuilt by keys only the partitions that changed rows matter to are read, where they are known."""

from dataclasses import replace

import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F
from sample_rebuilds import Rebuild
from sample_tables import FEED, latest, marks

from shoplake.declare import RebuildKeys, Replace, col, table
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.staging.staging_area import StagingArea
from shoplake.engine.write.table_plan import Keys, Partitions

WHO = ("feed", "who")


def mark(id, who="ann", day=1, n=1):
    return {"feed": "shop", "id": id, "who": who, "at": f"2026-03-{day:02} 09:00", "day": f"2026-03-{day:02}", "n": n}


@table(
    "gold",
    key=["feed", "who", "day"],
    write=Replace(partition_by="day", rebuild_keys=RebuildKeys(WHO, {"marks": WHO})),
    partition_by=["day"],
    columns=[FEED, col("who", "string", "Who made them"), col("day", "date", "The day"), col("n", "bigint", "Sum")],
)
def days(marks):
    """One row per feed, person and day."""
    return marks.groupBy(*WHO, "day").agg(F.sum("n").cast("bigint").alias("n"))


def test_only_the_partitions_that_changed_rows_matter_to_are_read(spark, tmp_path, some):
    rebuild = Rebuild(spark, tmp_path / "lake", days, [marks])
    rebuild.put("marks", some(marks, mark("a"), mark("b", day=2)))
    rebuild.update()
    rebuild.engine.location(marks).overwrite(some(marks, mark("c", n=5, day=2)), ["day"], "day = '2026-03-02'")

    [action] = rebuild.update().actions

    assert (action.partitions, rebuild.results) == ({"2026-03-02"}, [WriteResult(1, 1, rows_replaced=1)])
    assert rebuild.stored() == rebuild.computed()


@pytest.mark.parametrize(
    ("changed", "is_whole"), [([5], True), ([4, 5], True), ([3, 4], False)], ids=["a new one", "a quarter", "half"]
)
def test_a_quarter_of_the_partitions_is_rebuilt_whole_and_more_by_keys(spark, tmp_path, some, changed, is_whole):
    rebuild = Rebuild(spark, tmp_path / "lake", days, [marks])
    rebuild.put("marks", some(marks, *[mark(f"m{day}", day=day) for day in (1, 2, 3, 4)]))
    rebuild.update()
    asked = " OR ".join(f"day = '2026-03-0{day}'" for day in changed)
    new = [mark(f"c{day}", "bob", day=day, n=5) for day in changed]
    rebuild.engine.location(marks).overwrite(some(marks, *new), ["day"], asked)

    [action] = rebuild.update().actions

    assert (action == Partitions(frozenset(f"2026-03-0{day}" for day in changed))) == is_whole
    assert isinstance(action, Keys) != is_whole
    assert rebuild.stored() == rebuild.computed()


def stage_names(rebuild, monkeypatch):
    """The names under which rows are staged from now on."""
    names, materialize = [], StagingArea.materialize

    def materialized(self, rows, name, schema=None):
        names.append(name)
        return materialize(self, rows, name, schema)

    monkeypatch.setattr(StagingArea, "materialize", materialized)
    rebuild.update()
    return names


@table(
    "gold",
    key=["feed", "who"],
    write=Replace(rebuild_keys=RebuildKeys(WHO, {"latest": WHO})),
    columns=[FEED, col("who", "string", "Who made them"), col("n", "bigint", "Sum")],
)
def sums(latest):
    """One row per feed and person, of a plan that reads its input once."""
    return latest.groupBy(*WHO).agg(F.sum("n").cast("bigint").alias("n"))


@table("gold", key=["feed", "who"], write=sums.write, columns=sums.columns)
def shares(latest):
    """One row per feed and person, of a plan that reads its input three times."""
    firsts = [latest.where(F.col("day") == f"2026-03-0{day}") for day in (1, 2, 3)]
    return sums(firsts[0].unionAll(firsts[1]).unionAll(firsts[2]))


@pytest.mark.parametrize(("table", "is_staged"), [(sums, False), (shares, True)])
def test_input_rows_are_staged_where_a_plan_reads_them_several_times(
    spark, tmp_path, some, monkeypatch, table, is_staged
):
    rebuild = Rebuild(spark, tmp_path / "lake", table, [latest])
    rebuild.put("latest", some(latest, mark("a"), mark("b", "bob", day=2)))
    rebuild.update()
    rebuild.put("latest", some(latest, mark("a"), mark("b", "bob", day=2, n=5)))

    assert ("input-latest" in stage_names(rebuild, monkeypatch)) == is_staged
    assert rebuild.stored() == rebuild.computed()


@table(
    "gold",
    key=["feed", "who", "day"],
    write=Replace(partition_by="day", rebuild_keys=RebuildKeys(WHO, {"latest": WHO})),
    partition_by=["day"],
    columns=days.columns,
)
def recent(latest):
    """One row per feed, person and day."""
    return days(latest)


def test_of_an_input_without_partitions_the_rows_of_the_days_that_changed_matter(spark, tmp_path, some):
    rebuild = Rebuild(spark, tmp_path / "lake", recent, [latest])
    rebuild.put("latest", some(latest, mark("a"), mark("b", day=2)))
    rebuild.update()
    rebuild.put("latest", some(latest, mark("a"), mark("b", day=2, n=5)))

    [action] = rebuild.update().actions

    assert (action.partitions, rebuild.results) == ({"2026-03-02"}, [WriteResult(1, 1, rows_replaced=1)])
    assert rebuild.stored() == rebuild.computed()


def test_an_input_whose_rows_are_the_same_in_other_files_changes_no_partition(spark, tmp_path, some):
    rebuild = Rebuild(spark, tmp_path / "lake", days, [marks])
    for name in "ab":
        rebuild.engine.location(marks).append(some(marks, mark(name)), ["day"])
    rebuild.update()
    DeltaTable(rebuild.engine.path(marks)).optimize.compact()

    plan = rebuild.update()

    assert (plan.actions, plan.reason) == ((), "marks changed. No partition differs.")


def test_of_a_table_with_few_partitions_all_are_read(spark, tmp_path, some):
    few = Rebuild(spark, tmp_path / "few", days, [marks], prune_above_partitions=1)
    few.put("marks", some(marks, mark("a")))
    few.update()
    few.put("marks", some(marks, mark("a", n=2)))

    assert [action.partitions for action in few.update().actions] == [None]
    assert few.stored() == few.computed()


whole = replace(days, _name="whole", partition_by=(), write=Replace(rebuild_keys=RebuildKeys(WHO, {"marks": WHO})))


def test_a_table_without_partitions_is_overwritten_where_a_row_differs(spark, tmp_path, some):
    rebuild, versions = Rebuild(spark, tmp_path / "lake", whole, [marks]), []
    others = [mark("b", "bob"), mark("c", "cy", day=2)]

    for n, names in ((1, "xy"), (2, "xy"), (2, "yx")):
        rebuild.put("marks", some(marks, mark(names[0], n=n), mark(names[1]), *others))
        rebuild.update()
        assert rebuild.stored() == rebuild.computed()
        versions.append(rebuild.engine.version(whole))

    assert versions == [1, 2, 2] and rebuild.results == [WriteResult(0, 0)]


def test_rows_of_changed_keys_may_have_no_day_among_many_partitions(spark, tmp_path, some):
    rebuild, dated = Rebuild(spark, tmp_path / "lake", days, [marks]), [mark(str(day), day=day) for day in range(1, 19)]
    rebuild.put("marks", some(marks, *dated, mark("b", "bob") | {"day": None}))
    rebuild.update()

    rebuild.put("marks", some(marks, *dated, mark("b", "bob", n=2) | {"day": None}))
    rebuild.update()

    assert rebuild.stored() == rebuild.computed()

from dataclasses import replace
from datetime import date

import pytest
from deltalake import DeltaTable
from sample_lake import SampleLake
from sample_tables import CATALOG, daily, mark, marks, price, records, rows_of, totals
from sample_writes import SeenRows

from shoplake.declare import Replace, col
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.delta_engine import GivenRows
from shoplake.engine.write.shared_inputs import SharedInputs, WholeTable
from shoplake.engine.write.table_plan import FeedPartitions, FullRefresh, Partitions

FIRST, SECOND = "2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z"


@pytest.fixture
def made(spark):
    """Rows of a feed that has them from another table."""

    def rows(*output, feed="web"):
        return marks(records(spark, *output)).replace("shop", feed, "feed").drop("_source", "_type_errors")

    return rows


@pytest.fixture
def mixed(engine, take, made):
    """Marks of two feeds on two days: those of `shop` are in the table, those of `web` are new."""
    take(mark("ingested", FIRST), mark("ingested too", SECOND))
    engine.write(marks, made(mark("a", FIRST), mark("b", SECOND)), FeedPartitions(("web",), FullRefresh()))
    return engine


def there(engine):
    return [(feed, id, n) for feed, id, n in rows_of(engine, marks, "feed", "id", "n")]


def test_the_rows_of_a_feed_are_put_instead_of_all_it_had(mixed, made):
    written = mixed.write(marks, made(mark("c", FIRST)), FeedPartitions(("web",), FullRefresh()))

    assert sorted(id for _, id, _ in there(mixed)) == ["c", "ingested", "ingested too"]
    assert written == WriteResult(1, 1, rows_replaced=2)


def test_only_the_days_named_are_replaced(mixed, made):
    mixed.write(marks, made(mark("c", SECOND)), FeedPartitions(("web",), Partitions(frozenset({"2026-03-02"}))))

    assert sorted(id for _, id, _ in there(mixed)) == ["a", "c", "ingested", "ingested too"]


def test_days_that_are_as_before_keep_their_files(mixed, made):
    before = {file for file in DeltaTable(mixed.path(marks)).file_uris() if "day=2026-03-01" in file}

    mixed.write(marks, made(mark("a", FIRST), mark("b", SECOND, n=9)), FeedPartitions(("web",), FullRefresh()))

    assert before <= set(DeltaTable(mixed.path(marks)).file_uris())
    assert ("web", "b", 9) in there(mixed)


def test_where_nothing_differs_nothing_is_committed(mixed, made):
    before = mixed.version(marks)

    written = mixed.write(marks, made(mark("b", SECOND), mark("a", FIRST)), FeedPartitions(("web",), FullRefresh()))

    assert (written, mixed.version(marks)) == (WriteResult(0, 0), before)


REPLACED = replace(marks, write=Replace(from_records=True))


def test_records_that_replace_a_table_are_counted_and_the_invalid_ones_quarantined(engine, take, spark):
    take(mark("old"), mark("old and bad", n=0))
    output = [mark("a"), mark("a"), mark("b"), mark("bad", n=0)]

    written = engine.write(REPLACED, marks(records(spark, *output, batch="b000000002")))

    counts = {"rows_quarantined": 1, "rows_duplicate": 1, "rows_replaced": 1}
    assert written == WriteResult(4, 2, **counts, violations={"n_positive": 1})
    assert sorted(id for _, id, _ in there(engine)) == ["a", "b"]
    assert rows_of(engine, marks.quarantine, "batch_id") == [("b000000002",)]


COMPARED = replace(daily, write=Replace(partition_by="day", compare_partitions=True))
ROW = {"feed": "shop", "day": "2026-03-01", "pieces": 1, "things": 1}


def test_only_the_partitions_that_differ_are_overwritten(engine, some):
    other = ROW | {"day": "2026-03-02"}
    engine.write(COMPARED, some(daily, ROW, other))
    before = {file for file in DeltaTable(engine.path(daily)).file_uris() if "day=2026-03-01" in file}

    written = engine.write(COMPARED, some(daily, ROW, other | {"pieces": 2}, ROW | {"day": "2026-03-03"}))

    assert before <= set(DeltaTable(engine.path(daily)).file_uris())
    assert written == WriteResult(3, 3, rows_replaced=2)
    assert [pieces for (pieces,) in rows_of(engine, daily, "pieces")] == [1, 1, 2]


def test_rows_with_lists_are_compared_and_overwritten(engine, some):
    lists = replace(daily, columns=(*daily.columns, col("parts", "array<struct<name:string,n:int>>", "Its parts")))
    lists = replace(lists, write=COMPARED.write, _name="lists")
    engine.create_if_missing(lists)
    other = ROW | {"day": "2026-03-02", "parts": [("a", 1)]}
    engine.write(lists, some(lists, ROW | {"parts": []}, other))

    engine.write(lists, some(lists, ROW | {"parts": [("b", 2)]}, other))

    parts = {str(row.day): [tuple(part) for part in row.parts] for row in engine.read(lists).collect()}
    assert parts == {"2026-03-01": [("b", 2)], "2026-03-02": [("a", 1)]}


def test_rows_with_maps_are_compared_and_overwritten(engine, some):
    maps = replace(daily, columns=(*daily.columns, col("tags", "map<string,string>", "Its tags")))
    maps = replace(maps, write=COMPARED.write, _name="maps")
    engine.create_if_missing(maps)
    other = ROW | {"day": "2026-03-02", "tags": {"a": "1"}}
    engine.write(maps, some(maps, ROW | {"tags": {"c": "3"}}, other))

    engine.write(maps, some(maps, ROW | {"tags": {"b": "2"}}, other))

    tags = {str(row.day): row.tags for row in engine.read(maps).collect()}
    assert tags == {"2026-03-01": {"b": "2"}, "2026-03-02": {"a": "1"}}


def test_a_partition_of_null_is_overwritten_with_all_others(engine, some):
    engine.write(COMPARED, some(daily, ROW, ROW | {"day": None}))

    written = engine.write(COMPARED, some(daily, ROW, ROW | {"day": None, "pieces": 2}))

    assert written == WriteResult(2, 2, rows_replaced=2)
    assert sorted((str(day), pieces) for day, pieces in rows_of(engine, daily, "day", "pieces")) == [
        ("2026-03-01", 1),
        ("None", 2),
    ]


def test_a_partition_that_has_no_rows_any_more_is_removed(engine, some):
    engine.write(COMPARED, some(daily, ROW, ROW | {"day": "2026-03-02"}))

    engine.write(COMPARED, some(daily, ROW))

    assert engine.row_count(daily) == 1


def test_where_no_partition_differs_nothing_is_committed(engine, some):
    engine.write(COMPARED, some(daily, ROW))
    before = engine.version(daily)

    assert (engine.write(COMPARED, some(daily, ROW)), engine.version(daily)) == (WriteResult(0, 0), before)


def test_a_compared_table_without_partitions_is_overwritten_where_it_differs(engine, some):
    compared, row = replace(totals, write=Replace(compare_partitions=True)), {"feed": "shop", "pieces": 1}

    results = [engine.write(compared, some(totals, row | {"pieces": pieces})) for pieces in (1, 1, 2)]

    assert results == [WriteResult(1, 1), WriteResult(0, 0), WriteResult(1, 1, rows_replaced=1)]
    assert rows_of(engine, totals) == [("shop", 2)]


def test_a_compared_table_is_computed_whole_from_whatever_changed(spark, tmp_path):
    lake = SampleLake(spark, tmp_path, catalog=CATALOG.replaced(COMPARED))
    lake.drop("marks/1", mark("a", FIRST), mark("b", SECOND))
    lake.run()
    before = lake.engine.version(daily)
    lake.drop("prices/1", price("lamp", "1.00", FIRST))

    lake.run()

    assert lake.days() == {"2026-03-01": (1, 1), "2026-03-02": (1, 1)}
    assert lake.engine.version(daily) == before + 1
    assert lake.wrote() == []


@pytest.mark.sample
def test_a_table_made_of_many_small_files_is_made_of_one_copy_of_them(spark, tmp_path, monkeypatch):
    made, copied, stage = SampleLake(spark, tmp_path), [], SharedInputs.stage
    monkeypatch.setattr(SharedInputs, "stage", lambda self, key, *rest: copied.append(key) or stage(self, key, *rest))
    made.drop("marks/1", *[mark(str(day), f"2026-03-{day:02}T09:00:00Z", n=day) for day in range(1, 14)])

    made.run()

    assert WholeTable(daily.path, 1, daily) in copied
    assert made.rows(totals) == [("shop", sum(range(1, 14)))]


class CopiedInput(GivenRows):
    """A source of the rows of some partitions, made of two inputs of which one has many small files."""

    def pruned(self, action, copied=()):
        if copied:
            return {"marks": self.frame, "prices": None}
        self.built = []
        return {"marks": self.frame, "prices": self.frame}

    def scattered(self, rows, action=None):
        return {"marks": "a key"}

    def build_from(self, inputs):
        self.built.append(inputs)
        return inputs["marks"]


def test_partitions_are_made_of_a_copy_of_an_input_of_many_small_files(engine, some):
    source = CopiedInput(some(daily, ROW))

    engine.execute(daily, Partitions(frozenset({ROW["day"]})), source)

    first, second = source.built
    assert rows_of(engine, daily, "pieces") == [(1,)]
    assert second["prices"] is first["prices"] and second["marks"] is not first["marks"]


def test_a_check_sees_the_rows_of_partitions_beside_those_of_the_others(engine, some):
    seen, other = SeenRows("day", "pieces"), ROW | {"day": "2026-03-02", "pieces": 2}
    engine.write(daily, some(daily, ROW, other))

    seen.write(
        engine, daily, some(daily, ROW | {"pieces": 3}, other | {"pieces": 9}), Partitions(frozenset({ROW["day"]}))
    )
    seen.write(engine, COMPARED, some(daily, ROW | {"pieces": 3}, other | {"pieces": 4}))
    seen.write(engine, daily, some(daily, ROW), FullRefresh())

    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert seen.commits == [
        ([(first, 3)], [(second, 2)]),
        ([(second, 4)], [(first, 3)]),
        ([(first, 1)], None),
    ]


def test_a_check_sees_all_distinct_records_that_replace_a_table(engine, take, spark):
    take(mark("old"))
    seen = SeenRows("id")

    seen.write(engine, REPLACED, marks(records(spark, mark("a"), mark("a"), mark("bad", n=0))))

    assert seen.commits == [([("a",)], None)]

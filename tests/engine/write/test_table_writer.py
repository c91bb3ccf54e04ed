from dataclasses import replace

import pytest
from sample_tables import copies, mark, marks, records, rows_of, totals
from sample_writes import SeenRows, engine_with

from shoplake.declare import Action, Expectation, col, stored_table
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.storage import delta_log
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.schema.schema_check import SchemaCache
from shoplake.engine.write.table_plan import Rows
from shoplake.engine.write.table_writer import GATHER_BELOW_ROWS, LARGE_INPUT_ROWS, DeltaTableWriter
from shoplake.errors import SchemaMismatchError


@pytest.fixture
def writer(engine, some):
    """A writer of the totals, which hold one row."""
    engine.write(totals, some(totals, {"feed": "old", "pieces": 9}))
    return engine.writer(totals)


def test_the_rows_of_all_chunks_replace_the_table_in_one_commit(engine, writer, some):
    before = engine.version(totals)

    result = writer.overwrite_chunks([some(totals, {"feed": name, "pieces": 1}) for name in ("a", "b")])

    assert (rows_of(engine, totals), result.rows_written) == ([("a", 1), ("b", 1)], 2)
    assert engine.version(totals) == before + 1


def test_one_chunk_is_written_as_it_is(engine, writer, some):
    writer.overwrite_chunks([some(totals, {"feed": "a", "pieces": 1})])

    assert rows_of(engine, totals) == [("a", 1)]


def test_rows_that_violate_a_rule_that_warns_are_counted(engine, writer, some):
    rule = Expectation("is_large", "pieces > 1", Action.WARN)
    warned = engine.writer(replace(totals, rules=(rule,), _name="totals", _doc="One row."))
    rows = [{"feed": feed, "pieces": pieces} for feed, pieces in (("a", 1), ("b", 2))]

    assert warned.overwrite_chunks([some(totals, *rows)]).violations == {"is_large": 1}


def test_chunks_without_rows_are_skipped(engine, writer, some):
    rows, none = some(totals, {"feed": "a", "pieces": 1}), some(totals).limit(0)

    writer.overwrite_chunks([none, rows, none])
    assert rows_of(engine, totals) == [("a", 1)]

    writer.overwrite_chunks([none, none])
    assert rows_of(engine, totals) == []


def test_a_chunk_of_other_columns_is_refused(engine, writer, some):
    fresh = DeltaTableWriter(engine, totals, SchemaCache())

    with pytest.raises(SchemaMismatchError, match="pieces is missing"):
        fresh.overwrite_chunks([some(totals).drop("pieces")])

    assert rows_of(engine, totals) == [("old", 9)]


def test_only_rows_of_the_partitions_named_are_written(engine, writer, some):
    rows = some(totals, {"feed": "old", "pieces": 1}, {"feed": "other", "pieces": 2})

    with writer.staging() as stage:
        writer.overwrite_partitions(stage, rows, ["old"], "feed")

    assert rows_of(engine, totals) == [("old", 1)]


BOXES = stored_table(
    "boxes",
    "One row per box.",
    "silver",
    (col("id", "int", "Its id"), col("sizes", "map<string,int>", "Its sizes")),
    partition_by=("id",),
)


def test_partitions_of_a_table_with_maps_are_overwritten(spark, tmp_path):
    engine = engine_with(spark, tmp_path / "lake", BOXES)
    writer = DeltaTableWriter(engine, BOXES, SchemaCache())
    for size in (1, 2):
        rows = spark.sql(f"SELECT id, map('x', {size}) AS sizes FROM VALUES (1), (2) AS t(id)")
        with writer.staging() as stage:
            writer.overwrite_partitions(stage, rows, [2] if size == 2 else [1, 2], "id")

    assert rows_of(engine, BOXES) == [(1, [("x", 1)]), (2, [("x", 2)])]


SALES = stored_table(
    "sales",
    "One row per day.",
    "gold",
    (col("day", "date", "The day"), col("pieces", "int", "Pieces"), col("sizes", "array<int>", "Their sizes")),
)


def test_days_of_a_table_without_partitions_are_overwritten_beside_all_others(spark, tmp_path):
    engine = engine_with(spark, tmp_path / "lake", SALES)
    writer = DeltaTableWriter(engine, SALES, SchemaCache())
    days = "SELECT CASE WHEN id < 2 THEN date_add(DATE '2026-03-01', int(id)) END AS day, int(id) AS pieces"
    writer.overwrite_chunks([spark.sql(f"{days}, array(int(id)) AS sizes FROM range(3)")])

    with writer.staging() as stage:
        new = spark.sql(f"{days}, array(8, NULL) AS sizes FROM range(3)")
        writer.overwrite_partitions(stage, new, ["2026-03-02", "2026-03-09"], "day")

    assert rows_of(engine, SALES, "pieces", "sizes") == [(0, [0]), (1, [8, None]), (2, [2])]


def test_appended_rows_are_counted(engine, writer, some):
    assert writer.append(some(totals, {"feed": "a", "pieces": 1})).rows_written == 1
    assert rows_of(engine, totals) == [("a", 1), ("old", 9)]


def test_a_quarantine_is_replaced_by_the_invalid_rows_of_a_write(engine, take, spark):
    take(mark("a", n=0), batch="b1")
    writer = engine.writer(marks)
    with writer.staging() as stage:
        stage.evaluate(marks(records(spark, mark("b", n=0), batch="b2")))
        writer.replace_quarantine(stage)

    assert rows_of(engine, marks.quarantine, "batch_id") == [("b2",)]


def test_a_partition_is_written_to_one_file_on_the_embedded_engine(engine, writer, some):
    rows = [{"feed": feed, "pieces": pieces} for feed in ("a", "b") for pieces in range(4)]

    writer.overwrite(some(totals, *rows).repartition(4, "pieces"))

    assert len(delta_log.file_paths(engine.path(totals))) == (1 if engine.capabilities.is_in_process else 4)


def test_rows_of_a_large_batch_are_written_in_the_streams_that_computed_them(engine, writer, some):
    rows = some(totals, *[{"feed": "a", "pieces": pieces} for pieces in range(8)]).repartition(4, "pieces")

    writer.overwrite(writer.gather(rows, GATHER_BELOW_ROWS), is_large=True)

    assert len(delta_log.file_paths(engine.path(totals))) > 1


def test_one_chunk_of_a_large_input_is_written_in_the_streams_that_computed_it(engine, writer, some):
    rows = [some(totals, *[{"feed": "a", "pieces": n} for n in range(8)]).repartition(4, "pieces") for _ in "ab"]

    files = []
    for chunk, count in zip(rows, (LARGE_INPUT_ROWS - 1, LARGE_INPUT_ROWS), strict=True):
        writer.overwrite_chunks([chunk], count)
        files.append(len(delta_log.file_paths(engine.path(totals))))

    assert files[0] == 1 < files[1]


def test_a_partition_of_several_chunks_is_written_by_one_stream_on_the_embedded_engine(engine, some):
    engine.create_if_missing(copies)
    chunks = [
        some(
            copies, *[{"feed": "a", "id": f"{chunk}{n}", "day": f"2026-03-0{day}"} for n in range(4) for day in (1, 2)]
        )
        for chunk in "ab"
    ]

    engine.writer(copies).overwrite_chunks(chunks)

    assert len(rows_of(engine, copies, "id")) == 16
    if engine.capabilities.is_in_process:
        assert len(delta_log.file_paths(engine.path(copies))) == 2


def test_a_check_sees_appended_rows_beside_all_others(engine, some):
    seen, row = SeenRows("id"), {"feed": "a", "day": "2026-03-01"}
    engine.create_if_missing(copies)

    for name in "ab":
        seen.write(engine, copies, some(copies, row | {"id": name}), Rows(0))

    assert seen.commits == [([("a",)], []), ([("b",)], [("a",)])]


def test_a_check_sees_rows_without_a_day_beside_those_of_a_day_that_are_overwritten(engine, some):
    seen, row = [], {"feed": "a", "id": "old"}
    days = (None, "2026-03-01", "2026-03-02")
    engine.create_if_missing(copies)
    engine.write(copies, some(copies, *[row | {"day": day} for day in days]), Rows(0))
    writer = engine.writer(
        copies, lambda staged, kept: seen.append([row.day and row.day.day for row in kept.collect()])
    )

    with writer.staging() as stage:
        writer.checked(stage, some(copies, row), "day = '2026-03-02'")

    assert sorted(seen[0], key=str) == [1, None]


def test_rows_that_a_check_refuses_are_not_written(engine, writer, some):
    def refuse(staged, kept):
        raise ValueError("no")

    checking = engine.writer(totals, refuse)

    one, two = (lambda rows, times=times: checking.overwrite_chunks([rows] * times) for times in (1, 2))
    for write in (checking.append, one, two):
        with pytest.raises(ValueError, match="no"):
            write(some(totals, {"feed": "a", "pieces": 1}))
    assert rows_of(engine, totals) == [("old", 9)]


def test_appended_rows_of_other_columns_are_refused(engine, some):
    with pytest.raises(SchemaMismatchError, match="pieces is missing"):
        engine.write(replace(totals, _name="totals", _doc="One row."), some(totals).drop("pieces"), Rows(0))


def test_rows_are_not_unified_with_stored_ones_on_an_engine_that_takes_their_types(spark, tmp_path, some):
    rows = some(totals, {"feed": "a", "pieces": 1})

    assert DeltaEngine(spark, str(tmp_path), SPARK).writer(totals).with_stored_types(rows, None) is rows

from datetime import datetime

import pytest

from shoplake.declare import VALIDITY, Append, Scd2, Upsert, col, expect, table
from shoplake.engine.memory import MemoryEngine
from shoplake.engine.protocol import WriteResult
from shoplake.errors import LakeBroken, SchemaMismatchError

COLUMNS = (col("id", "string", "Which", required=True), col("pieces", "int", "How many", unit="pieces"))
CHANGES = (*COLUMNS, col("at", "timestamp", "When it changed", required=True))
DAYS = [datetime(2026, 3, day) for day in (1, 2, 3)]


@table("bronze", write=Append(), columns=[*COLUMNS, col("batch_id", "string", "Batch")])
def things_raw(landed):
    """One row per record."""
    return landed


@table(
    "silver", key="id", write=Upsert(order_by="pieces"), columns=COLUMNS, expectations=[expect("some", "pieces > 0")]
)
def things(things_raw):
    """One row per thing."""
    return things_raw


@table(
    "silver",
    key=["id", "valid_from"],
    write=Scd2("at"),
    change_columns=CHANGES,
    columns=[*COLUMNS, *VALIDITY],
)
def versions(things_raw):
    """One row per version of a thing."""
    return things_raw


def test_the_good_rows_are_kept_and_the_bad_ones_set_aside_with_their_reasons(some):
    engine = MemoryEngine()

    written = engine.write(things, some(things, {"id": "a", "pieces": 1}, {"id": "b", "pieces": 0}, {"pieces": None}))

    assert written == WriteResult(3, 1, 2)
    assert [row.id for row in engine.read(things).collect()] == ["a"]
    assert sorted(row[0] for row in engine.quarantine["things"].collect()) == [["id_present", "some"], ["some"]]


def test_a_write_replaces_what_was_there_and_counts_as_a_version(some):
    engine = MemoryEngine()

    for name in ("a", "b"):
        engine.write(things, some(things, {"id": name, "pieces": 1}))

    assert [row.id for row in engine.read(things).collect()] == ["b"]
    assert (engine.rows(things), engine.version(things), engine.version(versions)) == (1, 2, 0)


def test_a_history_is_kept_as_versions(spark):
    rows = spark.createDataFrame(
        [("a", 1, DAYS[0]), ("a", 1, DAYS[1]), ("a", 2, DAYS[2])], "id string, pieces int, at timestamp"
    )
    engine = MemoryEngine()

    engine.write(versions, rows)

    told = engine.read(versions).orderBy("valid_from").collect()
    assert [(row.pieces, row.valid_from.day, row.is_current) for row in told] == [(1, 1, False), (2, 3, True)]


@pytest.mark.parametrize(
    "schema", ["id string, pieces bigint", "pieces int, id string", "id string", "id string, n int"]
)
def test_rows_of_other_columns_than_declared_are_refused(spark, schema):
    with pytest.raises(SchemaMismatchError, match=r"^silver\.things returned other columns: "):
        MemoryEngine().write(things, spark.createDataFrame([], schema))


def test_the_rows_of_some_batches_are_found(some):
    raw = some(things_raw, *[{"id": name, "batch_id": batch} for name, batch in (("a", "1"), ("b", "2"), ("c", "3"))])
    engine = MemoryEngine(things_raw=raw)

    rows = engine.read_batches(things_raw, ["1", "3"]).collect()

    assert sorted(row.id for row in rows) == ["a", "c"]


def test_a_table_that_nobody_wrote_cannot_be_read_and_no_files_are_taken():
    engine = MemoryEngine()

    with pytest.raises(LakeBroken, match=r"Nobody has written silver\.things yet"):
        engine.read(things)
    with pytest.raises(LakeBroken, match=r"give the rows of things_raw as MemoryEngine\(things_raw="):
        engine.land(things_raw, None)


def test_a_table_lies_where_it_would_in_a_lake_and_nothing_is_made_for_it():
    engine = MemoryEngine()

    engine.ensure(things)

    assert (engine.at(things), engine.tables) == ("silver/things", {})

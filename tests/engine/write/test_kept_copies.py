from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_tables import DAYS, FEED, mark, marks, prices, totals

from shoplake.declare import Replace, col, table
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.storage.upkeep import kept_files
from shoplake.engine.write import table_reader
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.kept_copies import KeptCopies

FROM_ONE_FILE = {"min_files": 1, "max_bytes_per_file": 1 << 30}


@table("gold", key=["feed"], write=Replace(), columns=[FEED, col("total", "bigint", "Marks", unit="marks")])
def all_marks(marks: DataFrame) -> DataFrame:
    """One row per feed: its marks."""
    return marks.groupBy("feed").agg(F.count("*").alias("total"))


@pytest.fixture
def copies(engine, take):
    """The copies of a lake with marks of four days."""
    take(*[mark(str(day), f"2026-03-{day:02}T09:00:00Z") for day in range(1, 5)])
    engine.copies = KeptCopies(engine, **FROM_ONE_FILE)
    return engine.copies


def rows_of(frame):
    names = sorted(frame.columns)
    return sorted(repr([row[name] for name in names]) for row in frame.collect())


def folders(engine):
    """The folders of the copies of the marks."""
    return sorted(path.name for path in Path(engine.lake, "_copies/silver/marks").iterdir() if path.is_dir())


def data_file(engine, day):
    """The file of a day of the marks."""
    (file,) = Path(engine.path(marks)).glob(f"day={day}/*.parquet")
    return file


def test_a_copy_has_the_rows_of_the_table_in_few_files(engine, copies, take):
    take(*[mark(f"{day}b", f"2026-03-{day:02}T09:00:00Z") for day in range(5, 25)], batch="b2")

    assert rows_of(copies.read(marks)) == rows_of(engine.read(marks))
    assert len([*Path(engine.lake, "_copies").rglob("*.parquet")]) <= 4


def test_a_copy_of_a_table_that_has_not_changed_is_read_as_it_is(engine, copies):
    copies.read(marks)
    before = folders(engine)

    assert rows_of(copies.read(marks)) == rows_of(engine.read(marks))
    assert folders(engine) == before


def test_only_the_days_that_changed_are_read_from_the_table(engine, copies, take):
    copies.read(marks)
    take(mark("new", "2026-03-02T10:00:00Z"), batch="b2")
    expected = rows_of(engine.read(marks))
    data_file(engine, "2026-03-01").unlink()

    assert rows_of(copies.read(marks)) == expected


def test_rows_without_a_day_stay_in_a_copy_when_another_day_changes(engine, copies, take, some):
    engine.location(marks).append(some(marks, mark("undated") | {"day": None}), ["day"])
    copies.read(marks)
    take(mark("new", "2026-03-02T10:00:00Z"), batch="b2")

    assert rows_of(copies.read(marks)) == rows_of(engine.read(marks))


@pytest.mark.parametrize("first", [0, 1])
def test_a_copy_follows_whatever_happens_to_the_table(engine, copies, take, some, first):
    delta, location = DeltaTable(engine.path(marks)), engine.location(marks)
    copies.read(marks)
    steps = [
        lambda: delta.delete(f"day = '{DAYS[0]}'"),
        lambda: take(mark("late", f"{DAYS[0]}T11:00:00Z"), mark("next", "2026-03-09T11:00:00Z"), batch="b3"),
        lambda: location.overwrite(some(marks, mark("only", f"{DAYS[1]}T00:00:00Z")), ["day"], f"day = '{DAYS[1]}'"),
        lambda: DeltaTable(engine.path(marks)).optimize.compact(),
        lambda: DeltaTable(engine.path(marks)).restore(1),
        lambda: location.overwrite(some(marks, mark("last"), mark("undated") | {"day": None}), ["day"]),
        lambda: location.overwrite(some(marks, mark("last", f"{DAYS[2]}T00:00:00Z")), ["day"]),
    ]
    for number, step in enumerate(steps):
        step()
        if number % 2 == first or number == len(steps) - 1:
            assert rows_of(copies.read(marks)) == rows_of(engine.read(marks)), number


def test_a_copy_of_other_columns_is_not_read(engine, copies):
    copies.read(marks)
    narrow = replace(marks, columns=[each for each in marks.columns if each.name != "who"])

    assert "who" not in copies.read(narrow).columns
    assert rows_of(copies.read(marks)) == rows_of(engine.read(marks))


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-9]), Path.unlink])
@pytest.mark.parametrize("name", ["*/*.parquet", "record.json"])
def test_a_damaged_copy_is_made_anew(engine, copies, damage, name):
    copies.read(marks)
    damage(sorted(Path(engine.lake, "_copies/silver/marks").glob(name))[0])

    assert rows_of(copies.read(marks)) == rows_of(engine.read(marks))
    assert len(folders(engine)) == 1


def test_a_copy_that_was_interrupted_leaves_the_former_one_in_force(engine, copies, take, monkeypatch):
    copies.read(marks)
    take(mark("new", "2026-03-02T10:00:00Z"), batch="b2")
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(kept_files, "save_record", lambda *_: 1 / 0)
        copies.read(marks)
    assert len(folders(engine)) == 2

    assert rows_of(copies.read(marks)) == rows_of(engine.read(marks))
    assert len(folders(engine)) == 1


def test_copies_are_kept_of_many_small_files_of_days(engine, copies, some):
    assert copies.is_kept(marks)
    assert not replace(copies, min_files=5).is_kept(marks)
    assert not replace(copies, max_bytes_per_file=10).is_kept(marks)
    assert not KeptCopies(engine).is_kept(marks)
    engine.location(totals).append(some(totals, {"feed": "a", "pieces": 1}))
    assert not copies.is_kept(totals) and not copies.is_kept(prices)


def test_spark_and_a_catalog_keep_no_copies(engine, copies):
    for spark in (
        DeltaEngine(engine.session, engine.lake, SPARK),
        DeltaEngine(engine.session, engine.lake, catalog="c"),
    ):
        assert not KeptCopies(spark, **FROM_ONE_FILE).is_kept(marks)


def test_a_copy_is_read_in_a_run_that_reads_the_whole_table(engine, copies):
    assert engine.read_copy(marks) is None
    with engine.share_inputs([marks]):
        assert engine.read_copy(marks) is None
    assert rows_of(engine.read_sooner(marks)) == rows_of(engine.read(marks))
    assert not Path(engine.lake, "_copies").exists()

    with engine.share_inputs([all_marks]):
        assert rows_of(engine.read_sooner(marks)) == rows_of(engine.read(marks))
    assert len(folders(engine)) == 1


def test_where_a_copy_is_kept_it_is_read_however_large_it_is(engine, copies, take, monkeypatch):
    take(*[mark(f"{day}b", f"2026-03-{day:02}T09:00:00Z") for day in range(5, 25)], batch="b2")
    monkeypatch.setattr(table_reader, "BYTES_PER_FILE", 0)
    rows, others = engine.read(marks), engine.read(prices)

    assert not engine.is_scattered(marks, rows)
    with engine.share_inputs([all_marks]):
        assert engine.is_scattered(marks, rows)
        assert not engine.is_scattered(marks, rows, share=0.9) and not engine.is_scattered(marks, others)

"""Where a table is: a folder with its log, or a name in a catalog that is all there is of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conformance.conftest import on_spark
from deltalake import DeltaTable
from pyspark.sql import functions as F
from sample_tables import mark, marks, records, rows_of, totals

from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.storage import table_log
from shoplake.engine.storage.catalog.catalog_log import CatalogLog
from shoplake.engine.storage.log_statistics import PROPERTY
from shoplake.engine.write import table_location
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_location import CatalogTable, PathTable
from shoplake.engine.write.table_plan import FullRefresh
from shoplake.errors import CommitError

__all__ = ["on_spark"]


def test_a_folder_is_called_by_its_path_in_sql(engine):
    assert engine.location(marks).sql == f"delta.`{engine.path(marks)}`"


@pytest.mark.parametrize(
    ("place", "has_one_writer"),
    [
        (PathTable(None, "/shop/lake/silver/marks", SAIL), True),
        (PathTable(None, "s3://shop/lake/silver/marks", SAIL), False),
        (CatalogTable(None, "main.silver.marks"), False),
    ],
)
def test_only_a_folder_of_this_machine_is_known_to_have_one_writer(place, has_one_writer):
    assert place.is_single_writer == has_one_writer


def test_a_folder_is_a_table_once_that_is_created_and_is_read_as_of_a_version(spark, engine, take, tmp_path):
    take(mark("a"))

    assert PathTable(spark, str(tmp_path / "none"), SAIL).exists() is False
    assert engine.location(marks).exists() is True
    assert [engine.location(marks).read(version).count() for version in (0, None)] == [0, 1]


class Recorder:
    """Notes what is asked of it as text."""

    def __init__(self):
        self.text = ""

    def __getattr__(self, name):
        self.text += f".{name}"
        return self

    def __call__(self, *given):
        self.text += str(given)
        return self


NAMED, WRITE_TO = "main.silver.marks", ".writeTo('main.silver.marks',)"


@pytest.mark.parametrize(
    ("write", "asked"),
    [
        (lambda to, rows: to.append(rows), f"{WRITE_TO}.append()"),
        (lambda to, rows: to.overwrite(rows), f"{WRITE_TO}.overwrite(Column<'True'>,)"),
        (lambda to, rows: to.overwrite(rows, (), "n = 1"), f"{WRITE_TO}.overwrite(Column<'n = 1'>,)"),
        (
            lambda to, rows: replace(to, can_change_schema=True).overwrite(rows, ["day"]),
            ".plain_texts().write.format('delta',).mode('overwrite',).option('overwriteSchema', 'true')"
            f".partitionBy('day',).saveAsTable('{NAMED}',)",
        ),
        (
            lambda to, rows: replace(to, can_change_schema=True).overwrite(rows, ["day"], "n = 1"),
            f"{WRITE_TO}.overwrite(Column<'n = 1'>,)",
        ),
    ],
    ids=["append", "all rows", "some rows", "other columns", "some rows of other columns"],
)
def test_a_named_table_is_written_by_its_name(spark, monkeypatch, write, asked):
    monkeypatch.setattr(table_location, "with_plain_texts", lambda rows: rows.plain_texts())
    rows = Recorder()

    write(CatalogTable(None, NAMED), rows)

    assert rows.text == asked


def test_a_named_table_is_read_by_its_name_in_a_version():
    session = Recorder()

    CatalogTable(session, NAMED).read()
    CatalogTable(session, NAMED).read(3)

    table = f".table('{NAMED}',)"
    assert session.text == f".read.format('delta',){table}.read.format('delta',).option('versionAsOf', 3){table}"


def test_a_named_table_is_made_and_asked_for_by_its_name(monkeypatch):
    asked, location = [], CatalogTable(None, NAMED)
    monkeypatch.setattr(table_location, "create_table", lambda *given: asked.append(given))
    monkeypatch.setattr(table_log, "delete_batches", lambda *given: asked.append(given))
    monkeypatch.setattr(table_log, "table_exists", lambda at: at == NAMED)

    location.create_if_missing(marks)
    location.delete_batches(["b1"])

    assert asked == [(marks, NAMED), (NAMED, ["b1"])]
    assert (location.exists(), location.sql) == (True, "`main`.`silver`.`marks`")


@pytest.fixture
def totals_of_two(engine, some):
    """The folder of a table that has a row of two feeds each."""
    location = engine.location(totals)
    location.overwrite(some(totals, {"feed": "a", "pieces": 1}, {"feed": "b", "pieces": 2}))
    return location


def test_an_overwrite_keeps_the_columns_of_a_table(engine, totals_of_two, some):
    other = some(totals, {"feed": "a", "pieces": 3}).withColumn("other", F.lit(1))

    with pytest.raises(CommitError, match="table schema"):
        totals_of_two.overwrite(other)

    assert rows_of(engine, totals) == [("a", 1), ("b", 2)]


def test_a_table_whose_columns_may_change_has_those_of_an_overwrite(engine, totals_of_two, some):
    other = some(totals, {"feed": "a", "pieces": 3}).withColumn("other", F.lit(1))

    replace(totals_of_two, can_change_schema=True).overwrite(other)

    assert engine.read(totals).columns == [*(column.name for column in totals.columns), "other"]


def test_rows_beside_a_condition_are_kept_also_where_columns_may_change(engine, totals_of_two, some):
    changing = replace(totals_of_two, can_change_schema=True)

    changing.overwrite(some(totals, {"feed": "a", "pieces": 3}), where="feed = 'a'")

    assert rows_of(engine, totals) == [("a", 3), ("b", 2)]


def personal_statistics(engine):
    """The columns with statistics of a quarantine, whose records are personal."""
    return DeltaTable(engine.path(marks.quarantine)).metadata().configuration.get(PROPERTY, "").split(",")


def test_an_existing_folder_keeps_personal_columns_out_of_its_statistics_from_the_next_run_on(engine):
    engine.create_if_missing(marks)
    DeltaTable(engine.path(marks.quarantine)).alter.set_table_properties({PROPERTY: "raw"})

    engine.create_if_missing(marks)

    assert personal_statistics(engine) == ["feed", "file", "line", "quarantined_at"]


@pytest.mark.spark
@pytest.mark.slow
def test_a_named_table_keeps_personal_columns_out_of_its_statistics_new_or_existing(on_spark, tmp_path):
    engine = DeltaEngine(on_spark, str(tmp_path / "lake"), SPARK, catalog="spark_catalog")
    engine.create_if_missing(marks)
    created = CatalogLog(engine.path(marks.quarantine)).properties()
    on_spark.sql(
        f"ALTER TABLE spark_catalog.silver.marks_quarantine SET TBLPROPERTIES ('{PROPERTY}' = 'raw')"
    ).collect()

    engine.create_if_missing(marks)

    assert CatalogLog(engine.path(marks.quarantine)).properties()[PROPERTY] == created[PROPERTY]
    assert created[PROPERTY] == "feed,file,line,quarantined_at"
    on_spark.sql("DROP SCHEMA spark_catalog.silver CASCADE").collect()


@pytest.mark.spark
@pytest.mark.slow
def test_a_named_table_is_its_name_and_takes_every_write(on_spark, tmp_path):
    engine = DeltaEngine(on_spark, str(tmp_path / "lake"), SPARK, catalog="spark_catalog")
    engine.create_if_missing(marks)
    output = [mark("a"), mark("b", n=0)]

    for batch in ("b000000001", "b000000001", "b000000002"):
        engine.write(marks, marks(records(on_spark, *output, batch=batch)))

    assert engine.location(marks).sql == "`spark_catalog`.`silver`.`marks`"
    assert (engine.path(marks), engine.row_count(marks)) == ("spark_catalog.silver.marks", 1)
    assert engine.partitions(marks.quarantine, "batch_id") == {"b000000001", "b000000002"}
    assert [row.id for row in engine.read(marks).collect()] == ["a"]
    engine.write(marks, marks(records(on_spark, mark("c"))), FullRefresh())
    assert engine.location(marks).read(0).count() == 0 and engine.read(marks).first().id == "c"
    on_spark.sql("DROP SCHEMA spark_catalog.silver CASCADE").collect()

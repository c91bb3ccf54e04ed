"""Rows of the files that a log names are those of the table, where files alone say so.

Sail does not read the values of partitions from paths; `tests/conformance/test_listed_files.py` reads them with Spark.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake
from pyarrow import table as arrow_table
from sample_tables import mark, marks, totals

from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.local_server.listed_files import ListedFiles, read_listed_files
from shoplake.engine.write.table_location import PathTable

DAYS = [date(2026, 3, day) for day in (1, 2, 3)]


@pytest.fixture
def path(tmp_path):
    """A table of two columns, by day."""
    rows = arrow_table({"n": range(len(DAYS)), "day": DAYS})
    write_deltalake(tmp_path / "table", rows, partition_by=["day"])
    return str(tmp_path / "table")


def edit_log(path, change):
    """Rewrite the actions of the first commit."""
    log = Path(path, "_delta_log", f"{0:020d}.json")
    log.write_text("\n".join(json.dumps(change(json.loads(line))) for line in log.read_text().splitlines()))


def test_rows_are_those_of_all_files_and_have_the_columns_of_the_table(spark, path):
    rows = read_listed_files(spark, path)

    assert rows.columns == ["n", "day"]
    assert {row.n for row in rows.collect()} == {0, 1, 2}


@pytest.mark.parametrize("place", ["Köln", "a b", "a=b", "a/b", "100 %", "a:b"])
def test_values_that_writers_escape_in_paths_in_their_own_ways_are_left_to_the_engine(spark, tmp_path, place):
    path = str(tmp_path / "table")
    write_deltalake(path, arrow_table({"place": [place, "Bonn"], "n": [1, 2]}), partition_by=["place"])

    assert read_listed_files(spark, path) is None


def test_files_of_earlier_versions_are_not_read(spark, path):
    DeltaTable(path).delete("n > 0")

    assert [row.n for row in read_listed_files(spark, path).collect()] == [0]


def test_a_table_without_files_has_no_rows_and_its_columns(spark, path):
    DeltaTable(path).delete()
    rows = read_listed_files(spark, path)

    assert rows.columns == ["n", "day"]
    assert rows.collect() == []


def test_a_column_that_older_files_lack_is_null_there(spark, path):
    rows = arrow_table({"n": [9], "day": DAYS[:1], "more": ["x"]})
    write_deltalake(path, rows, mode="append", schema_mode="merge")

    found = {(row.n, row.more) for row in read_listed_files(spark, path).collect()}

    assert found == {(9, "x"), *((number, None) for number in range(len(DAYS)))}


def test_a_table_whose_files_hold_other_rows_or_names_is_left_to_the_engine(spark, path):
    edit_log(path, lambda action: action if "protocol" not in action else protocol(3, "deletionVectors"))

    assert read_listed_files(spark, path) is None


def protocol(version, feature):
    features = {"readerFeatures": [feature], "writerFeatures": [feature]}
    return {"protocol": {"minReaderVersion": version, "minWriterVersion": 7, **features}}


def test_a_table_whose_paths_do_not_say_the_partition_is_left_to_the_engine(spark, tmp_path):
    path = str(tmp_path / "table")
    write_deltalake(path, arrow_table({"place": ["Bonn"], "n": [1]}), partition_by=["place"])
    [file] = DeltaTable(path).file_uris()
    Path(file).rename(Path(path, "moved.parquet"))
    edit_log(path, lambda action: {"add": action["add"] | {"path": "moved.parquet"}} if "add" in action else action)

    assert read_listed_files(spark, path) is None


def test_more_files_than_a_query_may_name_are_left_to_the_engine(spark, path):
    assert read_listed_files(spark, path, max_files=len(DAYS) - 1) is None


def test_a_path_that_would_be_read_as_a_pattern_is_left_to_the_engine(spark, path):
    Path(path).rename(f"{path}[1]")

    assert read_listed_files(spark, f"{path}[1]") is None


def test_files_are_listed_inside_with_alone(spark, path):
    listed = ListedFiles()

    with listed.list_files():
        inside = listed.read(spark, path)

    assert inside.count() == len(DAYS)
    assert listed.read(spark, path) is None


def test_an_earlier_version_is_read_by_the_engine(spark, path):
    listed, counts = ListedFiles(), {}
    DeltaTable(path).delete("n > 0")

    with listed.list_files():
        for version in (None, 0):
            counts[version] = PathTable(spark, path, SAIL, listed=listed).read(version).count()

    assert counts == {None: 1, 0: len(DAYS)}


@pytest.mark.parametrize("is_local", [True, False])
def test_a_local_server_reads_files_while_tables_are_updated(spark, tmp_path, some, is_local):
    engine = DeltaEngine(spark, str(tmp_path), replace(SAIL, shares_disk=is_local))
    engine.create_if_missing(marks)
    engine.location(marks).append(some(marks, mark("a")), ["day"])

    with engine.share_inputs([totals]):
        inside = engine.read(marks)
    outside = engine.read(marks)

    assert [names_files(inside), names_files(outside)] == [is_local, False]
    assert inside.collect() == outside.collect()


def test_a_lake_in_an_object_store_is_read_by_the_engine():
    engine = DeltaEngine(None, "s3://shop/lake", replace(SPARK, shares_disk=True))

    assert engine.location(marks).listed is None


def names_files(rows):
    return ".parquet" in str(rows._plan.to_proto(rows.sparkSession.client))

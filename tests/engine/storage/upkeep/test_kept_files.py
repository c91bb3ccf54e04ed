from pathlib import Path

import pytest
from deltalake import DeltaTable
from sample_tables import DAYS, mark, marks

from shoplake.engine.storage.upkeep import kept_files
from shoplake.engine.storage.upkeep.kept_files import CopyRecord

COLUMNS = [["id", "string"]]


@pytest.fixture
def path(engine, take):
    """The path of the marks of two days."""
    take(mark("a"), mark("b", f"{DAYS[1]}T09:00:00Z"))
    return engine.path(marks)


@pytest.fixture
def record(engine, path):
    """The record of a copy of the marks."""
    return keep(engine.lake, "one", kept_files.files_by_partition(path, "day"))


def keep(lake, folder, partitions):
    file = Path(lake, "_copies/silver/marks", folder, "part.parquet")
    file.parent.mkdir(parents=True)
    file.write_bytes(folder.encode())
    return kept_files.save_record(lake, marks.path, CopyRecord(folder, COLUMNS, partitions))


def test_the_files_of_a_table_are_listed_by_partition(path):
    found = kept_files.files_by_partition(path, "day")

    assert list(found) == sorted(DAYS[:2])
    assert all(Path(path, file).is_file() for files in found.values() for file in files)


def test_partitions_with_other_files_differ():
    one, other = (
        {"a": ["1"], "b": ["2"], "c": ["3"], None: ["4"]},
        {"a": ["1"], "b": ["2", "5"], "d": ["6"], None: ["4"]},
    )

    assert kept_files.differing_partitions(one, other) == {"b", "c", "d"}


def test_a_record_is_read_as_it_was_saved_also_with_a_partition_of_null(engine, path):
    saved = keep(engine.lake, "one", {"2026-03-01": ["x"], None: ["y"]})

    assert kept_files.load_record(engine.lake, marks.path) == saved
    assert list(saved.hashes) == ["part.parquet"]


def test_a_later_copy_takes_the_place_of_the_former_one(engine, record):
    later = keep(engine.lake, "two", record.partitions)

    assert kept_files.load_record(engine.lake, marks.path) == later
    assert not Path(engine.lake, "_copies/silver/marks/one").exists()


def test_a_copy_without_its_files_or_with_others_has_no_record(engine, record):
    file = Path(engine.lake, "_copies/silver/marks/one/part.parquet")

    file.write_bytes(b"two")
    assert kept_files.load_record(engine.lake, marks.path) is None
    file.unlink()
    assert kept_files.load_record(engine.lake, marks.path) is None


def test_a_copy_is_removed_once_it_has_rows_of_files_that_the_table_has_not(engine, path, record, take):
    take(mark("c"), batch="b2")
    kept_files.remove_outdated_copy(engine.lake, marks.path)
    assert kept_files.load_record(engine.lake, marks.path) == record

    DeltaTable(path).delete(f"day = '{DAYS[0]}'")
    kept_files.remove_outdated_copy(engine.lake, marks.path)
    assert not Path(engine.lake, "_copies/silver/marks").exists()


def test_a_table_without_a_copy_and_one_in_an_object_store_have_none_to_remove(engine):
    kept_files.remove_outdated_copy(engine.lake, "gold/unknown")
    kept_files.remove_outdated_copy("s3://nowhere/lake", marks.path)
    kept_files.remove_copy("s3://nowhere/lake", marks.path)

import pyarrow as pa
import pyarrow.fs
import pytest
from deltalake import DeltaTable, write_deltalake

from shoplake.engine.storage.version_rows import scan_version, version_schema


@pytest.fixture
def table(tmp_path):
    """A table of two versions: 1 to 3, then 4 as well, by partition."""
    for numbers in ([1, 2, 3], [4]):
        rows = pa.table({"name": [f"n{number}" for number in numbers], "number": pa.array(numbers, pa.int64())})
        write_deltalake(tmp_path / "t", rows, mode="append", partition_by=["name"])
    return DeltaTable(tmp_path / "t")


def numbers(table, **options):
    return sorted(row for batch in scan_version(table, ["number"], **options) for row in batch["number"].to_pylist())


def test_rows_are_those_of_the_loaded_version(table):
    assert numbers(table) == [1, 2, 3, 4]

    table.load_as_version(0)

    assert numbers(table) == [1, 2, 3]


def test_texts_and_partition_columns_have_their_arrow_type(table):
    [batch] = scan_version(table, ["number", "name"])

    assert batch.schema.names == ["number", "name"] and batch.schema.field("name").type == pa.string()
    assert version_schema(table).field("number").type == pa.int64()


def test_small_files_are_read_as_one_batch_and_large_ones_in_several(table):
    assert len(list(scan_version(table, ["number"]))) == 1
    assert len(list(scan_version(table, ["number"], batch_rows=2))) == 2


def test_a_deleted_data_file_raises_file_not_found(table):
    for uri in table.file_uris():
        pa.fs.LocalFileSystem().delete_file(uri)

    with pytest.raises(FileNotFoundError):
        numbers(table)

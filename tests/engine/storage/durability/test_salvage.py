import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoplake.engine.storage.durability.salvage import read_whole, readable_rows
from shoplake.engine.storage.integrity import sha256

SCHEMA = pa.schema([("name", pa.string()), ("size", pa.int64())])


@pytest.fixture
def table(tmp_path):
    """A folder of two data files that share a row."""
    for number, names in enumerate((["a", "b"], ["b", "c"])):
        pq.write_table(pa.table({"name": names}), tmp_path / f"{number}.parquet", use_dictionary=False)
    return tmp_path


def names(*arguments, **options):
    return sorted(readable_rows(*arguments, **options).column("name").to_pylist())


def test_the_rows_of_all_whole_files_are_read_once_in_the_declared_columns(table):
    rows = readable_rows([table], SCHEMA)

    assert rows.schema == SCHEMA
    assert sorted(rows.to_pylist(), key=str) == [{"name": name, "size": None} for name in "abc"]


def test_a_file_that_is_cut_off_is_left_out(table):
    (table / "1.parquet").write_bytes((table / "1.parquet").read_bytes()[:40])

    assert names([table], SCHEMA) == ["a", "b"]


def test_a_file_that_is_not_what_was_written_is_left_out(table):
    sums = {"0.parquet": sha256(str(table / "0.parquet")), "1.parquet": "other"}

    assert names([table], SCHEMA, sums) == ["a", "b"]


def test_only_files_below_a_folder_are_read(table):
    (table / "day=1").mkdir()
    (table / "0.parquet").rename(table / "day=1" / "0.parquet")

    assert names([table, table / "none"], SCHEMA, below="day=1") == ["a", "b"]


def test_checkpoints_are_no_data(table):
    (table / "_delta_log").mkdir()
    (table / "0.parquet").rename(table / "_delta_log" / "0.parquet")

    assert names([table], SCHEMA) == ["b", "c"]


def test_a_file_with_text_that_is_not_valid_is_not_whole(table):
    file = table / "0.parquet"
    file.write_bytes(file.read_bytes().replace(b"\x01\x00\x00\x00a", b"\x01\x00\x00\x00\xff"))

    assert read_whole(file) is None
    assert read_whole(table / "1.parquet").num_rows == 2


def test_a_folder_without_files_has_no_rows(tmp_path):
    assert readable_rows([tmp_path], SCHEMA) == SCHEMA.empty_table()

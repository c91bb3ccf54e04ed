import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoplake.engine.ingest.sketch.field_names import HEAD_BYTES, read_field_names


@pytest.fixture
def names(tmp_path):
    """The field names of a file with this content."""

    def of(name, content, format):
        path = tmp_path / name
        path.write_bytes(content)
        return read_field_names(str(path), format)

    return of


def test_the_columns_of_a_header_are_read(names):
    assert names("a.csv", b'\xef\xbb\xbfid, name ,"a, b"\n1,2,3\n', "csv") == {"id", "name", "a, b"}


def test_a_packed_file_is_unpacked(names):
    assert names("a.csv.gz", gzip.compress(b"id,name\n"), "csv") == {"id", "name"}


def test_members_of_json_are_found_at_any_depth(names):
    assert names("a.json", b'{"orders": [{"id": 1, "lines": [{"sku" : "a: b"}]}]}', "json") == {
        "orders",
        "id",
        "lines",
        "sku",
    }


def test_only_the_head_of_a_file_is_read(names):
    assert names("a.json", b'{"a": "' + b"x" * HEAD_BYTES + b'", "b": 1}', "json") == {"a"}


def test_the_columns_of_parquet_are_read(names, tmp_path):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": [1]}), sink)

    assert names("a.parquet", sink.getvalue().to_pybytes(), "parquet") == {"id"}


@pytest.mark.parametrize(
    ("name", "format"), [("a.parquet", "parquet"), ("a.csv.gz", "csv"), ("a.zip", "csv"), ("a.xlsx", "xlsx")]
)
def test_a_damaged_file_has_no_fields(names, name, format):
    assert names(name, b"damaged", format) == frozenset()

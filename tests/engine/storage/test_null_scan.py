import pyarrow as pa
import pytest
from deltalake import ColumnProperties, DeltaTable, Field, WriterProperties, write_deltalake
from deltalake.schema import PrimitiveType

from shoplake.declare import col, stored_table
from shoplake.engine.storage import delta_log, null_scan
from shoplake.engine.storage.log_statistics import uncounted_columns
from shoplake.engine.storage.null_scan import scanned_null_counts

COLUMNS = (
    col("id", "int", "Number"),
    col("email", "string", "E-mail", personal="email"),
    col("is_known", "boolean", "Whether it is known"),
    col("day", "string", "Day"),
)
PEOPLE = stored_table("people", "One row per person.", "silver", COLUMNS, partition_by=("day",))
SCHEMA = delta_log.arrow_schema(PEOPLE)


@pytest.fixture
def at(tmp_path):
    at = str(tmp_path / "people")
    delta_log.create_if_missing(PEOPLE, at)
    return at


def put(at, *rows, **options):
    values = [dict(zip(SCHEMA.names, (*row, "first % day"), strict=True)) for row in rows]
    write_deltalake(at, pa.Table.from_pylist(values, schema=SCHEMA), mode="append", **options)


@pytest.fixture
def unread(monkeypatch):
    """Fails where files are read, and not their footers alone."""
    monkeypatch.setattr(null_scan, "load_table", None)


def test_nulls_of_columns_without_statistics_are_counted_by_the_footers(at, unread):
    put(at, (1, "a@shop.example", None), (2, None, True))
    put(at, (3, None, None), (4, None, False))

    assert scanned_null_counts(at, uncounted_columns(PEOPLE)) == {"email": 3, "is_known": 2}


def test_a_file_older_than_a_column_has_nulls_alone_in_it(at, unread):
    put(at, (1, "a@shop.example", True), (2, None, True))
    DeltaTable(at).alter.add_columns([Field("phone", PrimitiveType("string"))])

    assert scanned_null_counts(at, ["email", "phone"]) == {"email": 1, "phone": 2}


def test_files_whose_footers_count_nothing_are_read(at):
    silent = ColumnProperties(statistics_enabled="NONE")
    put(at, (1, None, True), (2, None, None))
    put(at, (3, None, None), writer_properties=WriterProperties(default_column_properties=silent))

    assert scanned_null_counts(at, ["email"]) == {"email": 3}


def test_no_column_needs_no_file(at, unread):
    assert scanned_null_counts(at, []) == {}

from dataclasses import replace

import duckdb
import pyarrow as pa

from shoplake.declare import col
from shoplake.engine.storage.delta_log import arrow_schema
from shoplake.serve.store.table_files import name_files, write_table_files
from tests.serve.small_lake import CUSTOMERS, SALES, customer, sale


def write(folder, table, rows, where="TRUE"):
    files = name_files(table, 1, "run-1")
    data = pa.Table.from_pylist(rows, schema=arrow_schema(table))
    write_table_files(folder, table, files, data.to_reader(), where)
    return files


def read(file, query="SELECT * FROM rows"):
    with duckdb.connect(file, read_only=True) as connection:
        return connection.sql(query).fetchall()


def test_rows_are_sorted_by_key(tmp_path):
    files = write(tmp_path, SALES, [sale(3, "3.00"), sale(1, "1.00")])

    assert [day.day for (day,) in read(tmp_path / files.file, "SELECT sales_date FROM rows")] == [1, 3]


def test_personal_columns_are_in_a_file_of_their_own(tmp_path):
    files = write(tmp_path, CUSTOMERS, [customer("C1")])

    assert b"C1@example.org" not in (tmp_path / files.file).read_bytes()
    assert read(tmp_path / files.personal_file, "SELECT email FROM rows") == [("C1@example.org",)]


def test_rows_are_filtered_where_asked(tmp_path):
    files = write(tmp_path, SALES, [sale(3, "3.00"), sale(1, "1.00")], "net_sales > 2")

    assert len(read(tmp_path / files.file)) == 1


def test_a_column_that_the_version_lacks_is_null(tmp_path):
    added = (
        col("added", "bigint", "New"),
        col("dates", "array<date>", "New"),
        col("more", "map<string,string>", "New"),
    )
    table = replace(SALES, columns=(*SALES.columns, *added))
    files = name_files(table, 1, "run-1")
    rows = pa.Table.from_pylist([sale(1, "1.00")], schema=arrow_schema(SALES))
    write_table_files(tmp_path, table, files, rows.to_reader())

    assert read(tmp_path / files.file, "SELECT added, dates, more FROM rows") == [(None, None, None)]
    assert read(tmp_path / files.file, "SELECT typeof(dates), typeof(more) FROM rows") == [
        ("DATE[]", "MAP(VARCHAR, VARCHAR)")
    ]


def test_no_part_is_left_behind(tmp_path):
    files = write(tmp_path, SALES, [sale(1, "1.00")])

    assert [path.name for path in tmp_path.iterdir()] == [files.file]


def test_the_name_changes_with_version_run_and_columns():
    names = {name_files(SALES, 1, "run-1").file, name_files(SALES, 2, "run-1").file, name_files(SALES, 1, "run-2").file}
    names.add(name_files(replace(SALES, columns=SALES.columns[:-1]), 1, "run-1").file)

    assert len(names) == 4

import csv
import io
import json
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from shoplake.cli.views.inspect.query_result import QueryResultView
from shoplake.errors import QueryError


def csv_text(rows: pa.Table) -> str:
    to = io.StringIO()
    QueryResultView(rows).write_csv(to)
    return to.getvalue()


def json_text(rows: pa.Table) -> str:
    to = io.StringIO()
    QueryResultView(rows).write_json(to)
    return to.getvalue()


def test_small_and_large_decimals_keep_plain_digits():
    rows = pa.table({"d": pa.array([Decimal("0.00000001"), Decimal("1E+9")], pa.decimal128(38, 8))})
    assert csv_text(rows).splitlines() == ["d", "0.00000001", "1000000000.00000000"]
    assert '{"d": 0.00000001}' in json_text(rows)


def test_a_time_without_a_zone_gets_none():
    rows = pa.table({"t": pa.array([datetime(2026, 3, 29, 1, 30, 0, 5)], pa.timestamp("us"))})
    assert csv_text(rows).splitlines()[1] == "2026-03-29T01:30:00.000005"


def test_years_that_python_has_not_are_text():
    times = pa.array([327403382400000000, None, 0], pa.timestamp("us", tz="UTC"))
    rows = pa.table({"day": pa.array([3789543, None, 0], pa.date32()), "at": times})

    assert csv_text(rows).splitlines()[1:] == [
        "12345-06-02,12345-01-01T00:00:00.000000Z",
        ",",
        "1970-01-01,1970-01-01T00:00:00.000000Z",
    ]
    with pytest.raises(QueryError, match="outside the years 1 to 9999"):
        csv_text(pa.table({"days": pa.array([[3789543]], pa.list_(pa.date32()))}))


def test_nested_values_are_json():
    rows = pa.table({"n": [{"a": [1, None], "b": 'x"'}]})
    assert json.loads(json_text(rows)) == [{"n": {"a": [1, None], "b": 'x"'}}]
    assert csv_text(rows).splitlines()[1] == '"{""a"": [1, null], ""b"": ""x\\""""}"'


def test_numbers_that_json_cannot_represent_are_null():
    rows = pa.table({"f": [float("nan"), float("inf")]})
    assert json.loads(json_text(rows)) == [{"f": None}, {"f": None}]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    rows, output = pa.table({"n": [1, 2]}), tmp_path / "n.csv"
    QueryResultView(rows).write("csv", output)
    monkeypatch.setattr("csv.writer", lambda *_, **__: fail())

    with pytest.raises(OSError, match="No space left"):
        QueryResultView(rows).write("csv", output)

    assert [each.name for each in tmp_path.iterdir()] == ["n.csv"] and output.read_text() == "n\n1\n2\n"


def fail():
    raise OSError(28, "No space left on device")


def test_no_rows_are_an_empty_array_and_a_header():
    rows = pa.table({"a": pa.array([], pa.int64())})
    assert (json_text(rows), csv_text(rows)) == ("[]\n", "a\n")


def test_two_columns_with_one_name_are_both_written():
    rows = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert csv_text(rows) == "a,a\n1,2\n"


def test_to_json_has_one_object_per_row():
    rows = pa.table({"a": [1, 2], "b": ["x", None]})
    assert QueryResultView(rows).to_json() == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_control_characters_are_escaped():
    console = Console(file=io.StringIO(), width=80, markup=False)
    QueryResultView(pa.table({"a": ["\x1b[2Jgone\n[bold]"]})).render(console)
    assert "\\x1b[2Jgone\\n[bold]" in console.file.getvalue()


EXACT = """
    SELECT 'a "b", ü' AS text, cast(1234567890.1200 AS decimal(18,4)) AS money, date '2026-03-29' AS day,
        timestamp '2026-03-29 01:30:00' AS at, true AS yes, cast(NULL AS string) AS nothing
    FROM gold.sales_daily LIMIT 1
"""


def test_csv_is_exact(shoplake, lake):
    [row] = csv.DictReader(io.StringIO(shoplake("sql", EXACT, "--format", "csv", "--config", lake).stdout))
    assert list(row.values()) == ['a "b", ü', "1234567890.1200", "2026-03-29", "2026-03-29T01:30:00Z", "true", ""]


def test_json_is_exact(shoplake, lake):
    output = shoplake("sql", EXACT, "--format", "json", "--config", lake).stdout
    [row] = json.loads(output, parse_float=Decimal)
    assert list(row.values()) == [
        'a "b", ü', Decimal("1234567890.1200"), "2026-03-29", "2026-03-29T01:30:00Z", True, None
    ]  # fmt: skip


def test_parquet_keeps_the_types(shoplake, lake, tmp_path):
    piped = shoplake("sql", EXACT, "--format", "parquet", "--config", lake).stdout_bytes
    shoplake("sql", EXACT, "--format", "parquet", "--output", tmp_path / "rows.parquet", "--config", lake)
    for rows in (pq.read_table(io.BytesIO(piped)), pq.read_table(tmp_path / "rows.parquet")):
        assert rows.column("money").to_pylist() == [Decimal("1234567890.1200")]
        assert str(rows.schema.field("day").type) == "date32[day]"


def test_a_table_counts_the_rows_beyond_the_limit(shoplake, lake, ground_truth):
    shown = shoplake("sql", "SELECT event_id FROM silver.events", "--limit", 3, "--config", lake).stdout
    assert f"… {ground_truth['events'] - 3:,} more rows" in shown
    assert len(shown.splitlines()) == 5


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE gold.sales_daily",
        "SELECT nope FROM gold.sales_daily",
        "SELECT cast(event_name AS int) FROM silver.events",
    ],
)
def test_a_query_that_fails_is_one_line_and_exit_code_1(shoplake, lake, query):
    result = shoplake("sql", query, "--config", lake)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_an_output_in_no_folder_is_wrong_usage(shoplake, lake, tmp_path):
    result = shoplake("sql", EXACT, "--output", tmp_path / "no" / "rows.csv", "--config", lake)
    assert result.exit_code == 2
    assert f"there is no folder '{tmp_path / 'no'}'" in result.stderr

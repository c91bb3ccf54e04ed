import io
import json
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
from rich.console import Console

from shoplake.terminal.results import as_csv, as_json, as_table


def text(write, rows: pa.Table) -> str:
    to = io.StringIO()
    write(rows, to)
    return to.getvalue()


def test_small_and_large_decimals_keep_plain_digits():
    rows = pa.table({"d": pa.array([Decimal("0.00000001"), Decimal("1E+9")], pa.decimal128(38, 8))})
    assert text(as_csv, rows).splitlines() == ["d", "0.00000001", "1000000000.00000000"]
    assert '{"d": 0.00000001}' in text(as_json, rows)


def test_a_time_without_a_zone_gets_none():
    rows = pa.table({"t": pa.array([datetime(2026, 3, 29, 1, 30, 0, 5)], pa.timestamp("us"))})
    assert text(as_csv, rows).splitlines()[1] == "2026-03-29T01:30:00.000005"


def test_nested_values_are_json():
    rows = pa.table({"n": [{"a": [1, None], "b": 'x"'}]})
    assert json.loads(text(as_json, rows)) == [{"n": {"a": [1, None], "b": 'x"'}}]
    assert text(as_csv, rows).splitlines()[1] == '"{""a"": [1, null], ""b"": ""x\\""""}"'


def test_what_json_has_no_word_for_is_null():
    rows = pa.table({"f": [float("nan"), float("inf")]})
    assert json.loads(text(as_json, rows)) == [{"f": None}, {"f": None}]


def test_no_rows_are_an_empty_array_and_a_header():
    rows = pa.table({"a": pa.array([], pa.int64())})
    assert (text(as_json, rows), text(as_csv, rows)) == ("[]\n", "a\n")


def test_two_columns_of_one_name_are_both_there():
    rows = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert text(as_csv, rows) == "a,a\n1,2\n"


def test_data_cannot_speak_to_the_terminal():
    out = Console(file=io.StringIO(), width=80, markup=False)
    as_table(pa.table({"a": ["\x1b[2Jgone\n[bold]"]}), out, 10)
    assert "\\x1b[2Jgone\\n[bold]" in out.file.getvalue()

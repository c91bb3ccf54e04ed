import gzip
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.engine.ingest import record_reader

CELLS = st.text(st.sampled_from(' a,"é€\\\x0b\u2028\r\n'), max_size=8)
PLAIN = st.text(st.sampled_from('a{":} é€\x0b\u2028\\'), max_size=30)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def read(path, format="json", block_bytes=record_reader.BLOCK_BYTES):
    listed = pa.RecordBatch.from_pylist([{"feed": "shop", "path": str(path), "file": path.name, "format": format}])
    return [row for batch in record_reader.read_files([listed], block_bytes=block_bytes) for row in batch.to_pylist()]


def lines(path, format="json", block_bytes=record_reader.BLOCK_BYTES):
    return [(row["line"], row["raw"]) for row in read(path, format, block_bytes)]


def problems(path, format="json", block_bytes=record_reader.BLOCK_BYTES):
    return {row["line"]: row["problem"] for row in read(path, format, block_bytes) if row["problem"]}


@pytest.fixture
def file(tmp_path):
    def written(content, name="f"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


SMALL_BLOCK = 8


@settings(max_examples=150, deadline=None)
@given(output=st.lists(st.tuples(PLAIN, ENDS), max_size=12), block=st.integers(16, 80), is_ended=st.booleans())
def test_blocks_of_any_size_give_the_lines_that_are_there(folder, output, block, is_ended):
    text = "".join(line + end for line, end in output)
    text = text if is_ended or not output else text.removesuffix(output[-1][1])
    (folder / "f").write_bytes(b"\xef\xbb\xbf" + text.encode())
    reported = list(enumerate(re.split("\r\n|\n|\r", text), 1))

    found = lines(folder / "f", block_bytes=block)

    assert found == [
        (number, line) for number, line in reported if line.strip() or len(line.encode()) >= record_reader.SHORT_LINE
    ]


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=8), block=st.integers(32, 200))
def test_blocks_of_any_size_give_the_same_quoted_records_at_the_same_lines(folder, rows, block):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    (folder / "q").write_text("a,b\n" + "\n".join(quoted) + "\n", newline="")
    whole = read(folder / "q", "csv")

    assert read(folder / "q", "csv", block) == whole
    assert [row["raw"] for row in whole] == [re.sub("\r\n|\r", "\n", text) for text in quoted]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_counts_once_and_blank_lines_are_left_out(file, end):
    assert lines(file(end.join(["{}", "", " \t", '{"a": 1}']))) == [(1, "{}"), (4, '{"a": 1}')]


def test_a_byte_order_mark_is_no_part_of_the_first_record(file):
    assert lines(file(b"\xef\xbb\xbf{}\n[]")) == [(1, "{}"), (2, "[]")]


@pytest.mark.parametrize("end", ["", "\n"])
def test_the_same_bytes_later_in_a_file_are_kept_as_they_arrived(file, end):
    assert lines(file("{}\n\ufeff[]" + end)) == [(1, "{}"), (2, "\ufeff[]")]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b" \r\n\r\n"])
@pytest.mark.parametrize("format", ["json", "csv"])
def test_a_file_without_records_has_none(file, content, format):
    assert lines(file(content), format) == []


def test_a_line_that_is_no_utf8_keeps_its_bytes_escaped_and_the_others_are_fine(file):
    path = file(b'{"a": 1}\n{"a": "\xff"}\n{"a": "\xc3\xa9"}\n')

    assert lines(path) == [(1, '{"a": 1}'), (2, '{"a": "\\xff"}'), (3, '{"a": "é"}')]
    assert problems(path) == {2: "not_utf8"}


def test_a_line_that_only_looks_like_an_escaped_one_is_fine(file):
    assert problems(file(b"a,b\n\xff\n1,C:\\xff\n"), "csv") == {2: "not_utf8"}


def test_a_quoted_record_that_is_no_utf8_is_a_problem_also_across_the_edge_of_a_block(file):
    path = file(b'a,b\n1,"\xff and then\na lot more"\n2,x\n')

    assert problems(path, "csv", SMALL_BLOCK) == {2: "not_utf8"}


def test_a_line_with_a_nul_byte_or_over_a_mebibyte_is_a_problem(file):
    path = file(b'{"a": "\x00"}\n{}\n{"a": "' + b"x" * record_reader.LONGEST_LINE + b'"}\n{"b": 1}\n')

    assert problems(path) == {1: "nul_byte", 3: "line_too_long"}
    assert [line for line, _ in lines(path)] == [1, 2, 3, 4]


def test_the_byte_that_the_fast_way_splits_by_is_kept(file):
    assert lines(file(b"a\x01b\nc")) == [(1, "a\x01b"), (2, "c")]


@pytest.mark.parametrize("name", ["f.json.gz", "f.json.zst"])
def test_compressed_files_are_read_by_their_names(file, name):
    packed = gzip.compress(b"{}\n[]\n") if name.endswith("gz") else pa.compress(b"{}\n[]\n", "zstd", asbytes=True)

    assert lines(file(packed, name)) == [(1, "{}"), (2, "[]")]


def test_each_record_of_a_csv_file_has_that_files_header(tmp_path, file):
    files = [file("a,b\r\n1,2\r\n3,4\r\n", "one.csv"), file("c\n5\n", "two.csv")]

    found = [(row["file"], row["header"], row["raw"], row["line"]) for path in files for row in read(path, "csv")]

    assert found == [("one.csv", "a,b", "1,2", 2), ("one.csv", "a,b", "3,4", 3), ("two.csv", "c", "5", 2)]


def test_a_quoted_field_may_span_lines_and_the_record_is_found_where_it_begins(file):
    assert lines(file('a,b\n1,"x\r\ny"\n\n2,z\n'), "csv") == [(2, '1,"x\ny"'), (5, "2,z")]


def test_a_stray_quote_spoils_its_own_line_only(file):
    rows = [f"{n},x" for n in range(2 * record_reader.WIDEST_RECORD)]
    path = file("\n".join(["a,b", '0,"x', *rows]))

    assert [raw for _, raw in lines(path, "csv")] == ['0,"x', *rows]


def test_quotes_mean_nothing_in_json_lines(file):
    assert lines(file('{"a": "\n1}\n')) == [(1, '{"a": "'), (2, "1}")]


def test_field_names_are_told_on_the_first_record_of_each_shape(file):
    path = file('{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n{"a": 1, "b": 2, "c": 3}\n{"b": 1, "a": 1}\n')

    assert [row["header"] for row in read(path, block_bytes=SMALL_BLOCK)] == [
        '["a", "b"]',
        None,
        '["a", "b", "c"]',
        '["b", "a"]',
    ]


def test_a_key_that_comes_twice_is_a_problem(file):
    assert problems(file('{"a": 1}\n{"a": 1, "a": 2}\n{"a": {"b": 1, "b": 2}}\n')) == {
        2: "duplicate_keys",
        3: "duplicate_keys",
    }


def parquet(tmp_path, **columns):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table(columns), path)
    return [json.loads(row["raw"]) for row in read(path, "parquet")]


def test_parquet_values_lose_nothing_on_their_way_into_json(tmp_path):
    found = parquet(
        tmp_path,
        d=pa.array([Decimal("0.10"), None], pa.decimal128(38, 2)),
        t=pa.array([datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)] * 2),
        day=pa.array([date(2026, 3, 1)] * 2),
        f=pa.array([float("nan"), float("-inf")]),
        big=pa.array([2**63 - 1] * 2),
        nested=pa.array([[{"x": Decimal("1.50")}]] * 2),
    )

    assert list(found[0].values()) == [
        *("0.10", "2026-03-01T09:00:00.123456+00:00", "2026-03-01", "nan"),
        *(2**63 - 1, [{"x": "1.50"}]),
    ]
    assert (found[1]["d"], found[1]["f"]) == (None, "-inf")


@pytest.mark.parametrize(
    ("values", "output"),
    [
        (pa.array([time(9, 30)]), "09:30:00"),
        (pa.array([timedelta(seconds=90)]), "0:01:30"),
        (pa.array([[("vat", Decimal("0.20"))]], pa.map_(pa.string(), pa.decimal128(4, 2))), [["vat", "0.20"]]),
    ],
    ids=["time", "duration", "map"],
)
def test_parquet_values_of_any_type_are_read(tmp_path, values, output):
    assert parquet(tmp_path, v=values) == [{"v": output}]


def test_parquet_records_have_no_line_and_the_first_has_the_field_names(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"a": [1, 2], "é": ["x", "y"]}), path, row_group_size=1)

    found = [(row["line"], row["header"], row["raw"]) for row in read(path, "parquet")]

    assert found == [(None, json.dumps(["a", "é"]), '{"a": 1, "é": "x"}'), (None, None, '{"a": 2, "é": "y"}')]


def test_an_empty_parquet_file_has_no_records(tmp_path):
    assert parquet(tmp_path, a=pa.array([], pa.int64())) == []

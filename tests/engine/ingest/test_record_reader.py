import pyarrow as pa
import pytest
from sample_files import lines

from shoplake.declare import Stream
from shoplake.engine.ingest.record_reader import RECORDS, read_files, stream_from_json, stream_to_json, text_problem


def test_a_stream_is_the_same_after_its_way_to_the_workers():
    stream = Stream(
        "*.csv", "csv", "marks_raw", ("a", "b"), delimiter=";", decimal=",", numbers=("a",), dates={"b": "%d.%m.%Y"}
    )

    assert stream_from_json(stream_to_json(stream)) == stream


def test_records_name_their_feed_and_file(file):
    stream = stream_to_json(Stream("*", "json", "marks_raw"))
    listed = [{"feed": "shop", "path": str(file("{}\n", name)), "file": name, "stream": stream} for name in "ab"]

    [batch] = [pa.Table.from_batches(list(read_files([pa.RecordBatch.from_pylist(listed)])))]

    assert batch.column_names == [each.split()[0] for each in RECORDS.split(", ")]
    assert batch.select(["feed", "file"]).to_pylist() == [{"feed": "shop", "file": name} for name in "ab"]


def test_a_file_is_read_in_the_format_of_its_stream(file):
    path = file("a,b\n1,2\n")

    assert (lines(path, "json"), lines(path, "csv")) == ([(1, "a,b"), (2, "1,2")], [(2, "1,2")])


@pytest.mark.parametrize(
    ("text", "header", "problem"),
    [
        ('{"a":1}', None, None),
        ('{"a":1,"a":2}', '["a"]', "duplicate_keys"),
        ('{"a":1,"a":2}', "a,b", None),
        ("1,a\0b", "a,b", "nul_byte"),
        ("x" * ((1 << 20) + 1), "a,b", "line_too_long"),
        ("no JSON", None, None),
    ],
)
def test_a_text_has_the_problem_that_it_would_have_in_a_file(text, header, problem):
    assert text_problem(text, header) == problem

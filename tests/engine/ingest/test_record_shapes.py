import pytest
from sample_tables import marks_raw

from shoplake.engine.ingest.record_shapes import Shape, find_shapes, misread_files


@pytest.fixture
def shapes(some):
    """Return the shapes of records, given as file, header and problem."""

    def find(*rows):
        names = ("file", "header", "problem")
        records = some(marks_raw, *[{"feed": "shop"} | dict(zip(names, row, strict=True)) for row in rows])
        return find_shapes(records.toArrow().to_batches())

    return find


def test_a_header_is_one_shape_with_its_first_file(shapes):
    assert shapes(("b", "x", None), ("a", "x", "not_utf8"), ("a", None, None)) == [Shape("shop", "a", "x")]


def test_a_problem_of_a_whole_file_is_a_shape_of_each_file(shapes):
    found = shapes(*[(name, None, "header_missing") for name in "aab"])

    assert found == [Shape("shop", name, None, "header_missing") for name in "ab"]


def test_a_problem_of_one_record_is_none(shapes):
    assert shapes(("a", None, "not_utf8")) == []


def test_a_misread_file_is_named_once_with_what_to_do():
    assert misread_files([Shape("shop", "a.csv", None, "delimiter_differs"), Shape("shop", "b", "x")]) == [
        "shop: a.csv has another delimiter. Declare the stream with delimiter=…."
    ]

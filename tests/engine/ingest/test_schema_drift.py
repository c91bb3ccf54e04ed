import json
from dataclasses import replace

import pytest
from sample_tables import ARRIVED, MARK_FILES, PRICE_FILES, marks_raw

from shoplake.declare import Stream
from shoplake.engine.ingest.file_discovery import Batch, File
from shoplake.engine.ingest.record_shapes import find_shapes
from shoplake.engine.ingest.schema_drift import duplicate_columns, record_new_fields, unknown_fields
from shoplake.engine.state.ops_tables import SCHEMA_CHANGES


def file(feed="shop", stream=MARK_FILES):
    return File(feed, stream, "", "f", 1, None)


BATCH = Batch("b1", (file(), file("other"), file(stream=PRICE_FILES)), ARRIVED)


@pytest.fixture
def found(some):
    def asked(*rows):
        landed = some(marks_raw, *[{"feed": feed, "header": header, "file": name} for feed, header, name in rows])
        return list(unknown_fields(marks_raw, find_shapes(landed.toArrow().to_batches()), BATCH))

    return asked


def test_a_field_that_the_stream_does_not_know_is_reported_with_feed_and_file(found):
    assert found(("shop", '["id", "colour"]', "a"), ("shop", None, "a")) == [("shop", "colour", "a")]


def test_known_fields_are_no_news(found):
    assert found(("shop", '["id", "at"]', "a"), ("shop", "who,n", "b"), ("shop", None, "c")) == []


def test_it_is_reported_once_a_feed_with_the_first_of_its_files(found):
    rows = [("shop", '["x", "id"]', "b"), ("shop", '["x"]', "a"), ("other", '["x"]', "c"), ("shop", '["x"]', "d")]

    assert found(*rows) == [("other", "x", "c"), ("shop", "x", "a")]


def test_names_in_the_header_of_a_csv_file_are_read_as_csv(found):
    assert found(("shop", 'id,"size, cm",colour', "a")) == [("shop", "colour", "a"), ("shop", "size, cm", "a")]


def test_a_csv_header_may_begin_with_a_bracket(found):
    assert found(("shop", "[id],at", "a")) == [("shop", "[id]", "a")]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("[1,2]", ["2]", "[1"]),
        ('[{"a":1}]', ['[{"a":1}]']),
        ("[null,1]", ["1]", "[null"]),
        ("[" * 2000, ["[" * 2000]),
        ("id," + "x" * (2 << 20), []),
    ],
)
def test_a_csv_header_may_be_any_json_or_longer_than_a_cell_can_be(found, header, names):
    assert [field for _, field, _ in found(("shop", header, "a"))] == names


def test_columns_without_a_name_are_no_fields(found):
    assert found(("shop", "id,, ,colour", "a")) == [("shop", "colour", "a")]


def test_a_field_that_several_columns_have_the_name_of_is_named_with_the_first_file(some):
    headers = {"a": "id,note,id,note", "b": "id,note,id,note", "c": "id", "d": '["id"]'}
    landed = some(marks_raw, *[{"feed": "shop", "header": header, "file": name} for name, header in headers.items()])
    batch = Batch("b1", tuple(replace(file(), name=name) for name in headers), ARRIVED)

    found = duplicate_columns(marks_raw, find_shapes(landed.toArrow().to_batches()), batch)

    assert found == ["shop: a has 2 columns 'id'"]


def test_a_field_of_any_stream_into_the_table_is_known(some):
    other = Stream("more/*.json", "json", "marks_raw", ("colour",))
    batch = Batch("b1", (file(), file(stream=other)), ARRIVED)
    rows = [{"feed": "shop", "header": header, "file": "f"} for header in ('["id", "at"]', '["colour", "size"]')]

    shapes = find_shapes(some(marks_raw, *rows).toArrow().to_batches())

    assert list(unknown_fields(marks_raw, shapes, batch)) == [("shop", "size", "f")]


def test_an_empty_header_names_nothing(found):
    assert found(("shop", "", "a"), ("shop", "[]", "b")) == []


# What is recorded


@pytest.fixture
def state(state_store):
    return state_store


@pytest.fixture
def record(state, some):
    """Record the fields of a batch with one file."""

    def recorded(number, *fields):
        batch = Batch(f"b{number}", (file(),), ARRIVED)
        records = some(marks_raw, {"feed": "shop", "header": json.dumps(["id", *fields]), "file": f"{number}.json"})
        return record_new_fields(state, marks_raw, find_shapes(records.toArrow().to_batches()), batch, "r1", ARRIVED)

    return recorded


def test_an_unknown_field_is_recorded_once(state, record):
    assert [record(number, "colour") for number in (1, 2)] == [["shop: marks_raw.colour"], []]

    rows = [(row["feed"], row["stream"], row["field"], row["file"]) for row in state.read(SCHEMA_CHANGES)]
    assert rows == [("shop", "marks_raw", "colour", "1.json")]


def test_of_several_fields_only_the_new_ones_are_recorded(state, record):
    record(1, "colour")
    record(2, "colour", "size")

    rows = sorted((row["field"], row["batch_id"], row["run_id"]) for row in state.read(SCHEMA_CHANGES))
    assert rows == [("colour", "b1", "r1"), ("size", "b2", "r1")]


def test_known_fields_are_not_recorded(state, record):
    assert (record(1, "at"), state.read(SCHEMA_CHANGES)) == ([], [])

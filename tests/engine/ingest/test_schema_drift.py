import pytest
from sample_tables import ARRIVED, MARK_FILES, PRICE_FILES, marks_raw

from shoplake.engine.ingest.file_discovery import Batch, File
from shoplake.engine.ingest.schema_drift import unknown_fields


def file(feed="shop", stream=MARK_FILES):
    return File(feed, stream, "", "f", 1, None)


BATCH = Batch("b1", (file(), file("other"), file(stream=PRICE_FILES)), ARRIVED)


@pytest.fixture
def found(some):
    def asked(*rows):
        landed = some(marks_raw, *[{"feed": feed, "header": header, "file": name} for feed, header, name in rows])
        return list(unknown_fields(marks_raw, landed, BATCH))

    return asked


def test_a_field_that_the_stream_does_not_know_is_told_with_feed_and_file(found):
    assert found(("shop", '["id", "colour"]', "a"), ("shop", None, "a")) == [("shop", "colour", "a")]


def test_known_fields_are_no_news(found):
    assert found(("shop", '["id", "at"]', "a"), ("shop", "who,n", "b"), ("shop", None, "c")) == []


def test_it_is_told_once_a_feed_with_the_first_of_its_files(found):
    rows = [("shop", '["x", "id"]', "b"), ("shop", '["x"]', "a"), ("other", '["x"]', "c"), ("shop", '["x"]', "d")]

    assert found(*rows) == [("other", "x", "c"), ("shop", "x", "a")]


def test_names_in_the_header_of_a_csv_file_are_read_as_csv(found):
    assert found(("shop", 'id,"size, cm",colour', "a")) == [("shop", "colour", "a"), ("shop", "size, cm", "a")]


def test_a_csv_header_may_begin_with_a_bracket(found):
    assert found(("shop", "[id],at", "a")) == [("shop", "[id]", "a")]


def test_an_empty_header_names_nothing(found):
    assert found(("shop", "", "a"), ("shop", "[]", "b")) == []

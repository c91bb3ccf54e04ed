import pytest

from shoplake.columns.record_place import corrected_file, record_id_of
from shoplake.engine.ingest.corrected_records import at_landed_places

SCHEMA = "feed string, raw string, file string, line bigint, batch_id string"
LANDED = ("shop", "bad", "a.csv", 3, "b000000001")
ID = record_id_of("shop", "a.csv", 3, "bad")
FIX = "_fixes/0123456789abcdef.ndjson"
FIXED = ("shop", "good", corrected_file(FIX, ID, "b000000001", "a.csv"), 3, "b000000002")


@pytest.fixture
def frame(spark):
    return lambda *rows: spark.createDataFrame(list(rows), SCHEMA)


def placed(*args, **options):
    return [tuple(row) for row in at_landed_places(*args, **options).collect()]


def test_a_correction_has_the_file_of_the_record_and_its_own_batch(frame):
    assert placed(frame(FIXED)) == [("shop", "good", "a.csv", 3, "b000000002")]


def test_a_correction_is_of_the_version_of_the_record_where_the_batch_tells_versions_apart(frame):
    assert placed(frame(FIXED), takes_batch=True) == [("shop", "good", "a.csv", 3, "b000000001")]


def test_a_correction_goes_with_the_record_to_the_newer_content_of_its_file(frame):
    newer = frame((*LANDED[:4], "b000000004"))

    rows = placed(frame(FIXED), newer, ["shop|a.csv"], takes_batch=True)

    assert rows == [("shop", "good", "a.csv", 3, "b000000004")]


def test_a_correction_of_a_record_that_its_file_no_longer_has_does_not_count(frame):
    newer = frame(("shop", "good", "a.csv", 3, "b000000004"))

    assert placed(frame(FIXED), newer, ["shop|a.csv"]) == []


def test_a_correction_of_an_earlier_release_stays_in_its_own_file(frame):
    old = ("shop", "good", FIX, 1, "b000000002")

    assert placed(frame(old), frame(LANDED), ["shop|a.csv"], takes_batch=True) == [old]

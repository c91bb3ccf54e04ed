import json

import pytest
from sample_lake import SampleLake
from sample_tables import mark, marks

from shoplake.errors import LandingError
from shoplake.operations.quarantine.joined_records import find_parts, parts_in_own_files, split_correction
from shoplake.operations.quarantine.originals import BronzeRecords

A, B = (json.dumps(mark(id)) for id in "ab")


@pytest.fixture(scope="module")
def bronze(spark, tmp_path_factory):
    """A file with two equal lines, and another one."""
    sample = SampleLake(spark, tmp_path_factory.mktemp("joined"))
    sample.drop("marks/1", mark("a"), mark("a"))
    sample.drop("marks/2", mark("b"))
    sample.run()
    return BronzeRecords.of(sample.engine, sample.catalog, sample.settings.feeds, [marks])


def joined(*texts, line=1, id="j"):
    return {"record_id": id, "feed": "shop", "file": "marks/1.json", "line": line, "raw": "\n".join(texts)}


def places(bronze, record):
    return [(part["file"], part["line"]) for part in find_parts(bronze, [record]).get("j", [])]


def test_parts_are_the_next_lines_of_the_own_file_and_else_those_of_another(bronze):
    assert places(bronze, joined(A, A, B)) == [("marks/1.json", 1), ("marks/1.json", 2), ("marks/2.json", 1)]
    assert places(bronze, joined(A, B, line=2)) == [("marks/1.json", 2), ("marks/2.json", 1)]


def test_a_text_that_is_not_made_of_records_has_no_parts(bronze):
    assert places(bronze, joined(A, "x")) == []
    assert places(bronze, joined(A, A, A)) == []


def test_parts_of_the_own_file_are_those_of_no_other_record(bronze):
    assert len(parts_in_own_files(bronze, [joined(A, B)])) == 1


def test_a_correction_has_the_lines_of_its_parts():
    parts = [{"raw": 'a,"x\ny"'}, {"raw": "b"}]

    assert split_correction(joined("…"), parts, 'c,"x\nz"\nb') == ['c,"x\nz"', "b"]
    with pytest.raises(LandingError, match=r"j has 2 lines instead of 3.*made of 2 records"):
        split_correction(joined("…"), parts, "c\nb")

import json

import pytest
from sample_lake import SampleLake
from sample_tables import mark, marks

from shoplake.errors import LandingError
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.fix_plan import plan_fix
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


def plan(bronze, monkeypatch, corrected):
    """Plan the corrections of records j and k, which have line 1 of the second file in common."""
    records = [joined(A, B, id="j"), joined(A, B, line=2, id="k")]
    monkeypatch.setattr("shoplake.operations.quarantine.fix_plan.select_records", lambda *_: records)
    return plan_fix(bronze, [marks], FixFile.of(corrected), corrected)


def test_what_two_records_have_in_common_is_corrected_once(bronze, monkeypatch):
    planned = plan(bronze, monkeypatch, {"j": f"{A}\nc", "k": f"{A}\nc"})

    assert [each.raw for each in planned.file.corrections] == ["c"]
    assert (len(planned.parts), len(planned.new_ids["j"])) == (1, 2)


def test_two_texts_for_what_records_have_in_common_are_an_error(bronze, monkeypatch):
    with pytest.raises(LandingError, match=r"line 1 of marks/2\.json different texts"):
        plan(bronze, monkeypatch, {"j": f"{A}\nc", "k": f"{A}\nd"})

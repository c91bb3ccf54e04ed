from datetime import UTC, datetime

import pytest
from fakes import FakeStateStore

from shoplake.errors import ShoplakeError
from shoplake.quality.report import recorded_quality, unmatched_files


def row(run, table, day):
    return {"run_id": run, "table": table, "recorded_at": datetime(2026, 3, day, tzinfo=UTC)}


STATE = FakeStateStore(
    quality=[row("r1", "silver.a", 1), row("r1", "gold.b", 1), row("r2", "silver.a", 2), row("r2", "silver.a", 2)]
)


def test_each_table_has_the_rows_of_the_last_run_that_wrote_it_in_the_given_order():
    rows = recorded_quality(STATE, ["gold.b", "silver.a"])

    assert [(each["table"], each["run_id"]) for each in rows] == [
        ("gold.b", "r1"),
        ("silver.a", "r2"),
        ("silver.a", "r2"),
    ]


def test_a_run_has_its_own_rows():
    assert {each["table"] for each in recorded_quality(STATE, [], "r1")} == {"silver.a", "gold.b"}


def test_an_unknown_run_is_answered_with_the_last_one():
    with pytest.raises(ShoplakeError, match=r"^No run 'r9' has written anything\. The last one is r2\.$"):
        recorded_quality(STATE, [], "r9")


def test_a_file_is_unmatched_by_its_last_record():
    def record(path, day, state):
        return {"feed": "s", "path": path, "state": state, "recorded_at": datetime(2026, 3, day, tzinfo=UTC)}

    rows = [record("a", 2, "ingested"), record("a", 1, "unmatched"), record("b", 1, "unmatched")]

    assert unmatched_files(FakeStateStore(files=rows)) == ["s: b"]

from datetime import date
from types import SimpleNamespace

import pytest
from sample_tables import latest, mark, marks, records

from shoplake.engine.write.modes.matching.upsert_match import ExistingRows, KeyMatch, MatchCounts


@pytest.fixture
def pairs(engine, take, spark):
    """Counts of the matches of new marks, found with and without hashes."""
    take(mark("a"), mark("b"), mark("old", "2026-01-01T09:00:00Z"))
    keys = KeyMatch(marks, marks.write)

    def counted(*new, by_hash, batch="b2"):
        with engine.writer(marks).staging() as stage:
            stage.evaluate(marks(records(spark, *new, batch=batch)))
            existing = ExistingRows(keys, engine.read(marks), stage.valid(), stage)
            return keys.count(existing.match(by_hash=by_hash).select(*keys.facts()))

    return counted


@pytest.mark.parametrize("by_hash", [False, True])
def test_new_rows_match_existing_rows_of_their_keys(pairs, by_hash):
    new = [mark("a", "2026-03-01T08:00:00Z"), mark("b", "2026-03-01T10:00:00Z"), mark("c")]

    assert pairs(*new, by_hash=by_hash) == MatchCounts(rows=2, own=0, conflicts=2, better=1)


@pytest.mark.parametrize("by_hash", [False, True])
def test_a_row_of_the_same_batch_is_its_own(pairs, by_hash):
    assert pairs(mark("a"), by_hash=by_hash, batch="b000000001") == MatchCounts(1, 1, 0, 0)


def test_a_key_outside_the_window_does_not_match(pairs):
    assert pairs(mark("old"), by_hash=False) == MatchCounts(0, 0, 0, 0)


def test_a_winner_is_identified_by_its_day_only_where_a_key_may_repeat():
    assert KeyMatch(marks, marks.write).identity == ["feed", "id", "day"]
    assert KeyMatch(latest, latest.write).identity == ["feed", "id"]


MARKS, LATEST = KeyMatch(marks, marks.write), KeyMatch(latest, latest.write)


def test_rows_are_of_one_key_within_the_window_and_the_first_or_the_last_wins():
    assert MARKS.is_same == "t.feed = s.feed AND t.id = s.id AND abs(datediff(t.day, s.day)) <= 7"
    assert LATEST.is_same == "t.feed = s.feed AND t.id = s.id"
    for keys, sign in ((MARKS, "<"), (LATEST, ">")):
        assert keys.wins == f"(s.at {sign} t.at OR (s.at = t.at AND s.payload_hash {sign} t.payload_hash))"


@pytest.mark.parametrize(
    ("days", "near"),
    [
        ((date(2026, 3, 1), date(2026, 3, 9)), ("2026-02-22", "2026-03-16")),
        ((date(1, 1, 3), date(9999, 12, 30)), ("0001-01-01", "9999-12-31")),
    ],
)
def test_only_partitions_within_the_window_of_the_rows_are_read(days, near):
    stage = SimpleNamespace(value_range=lambda column: days)

    assert MARKS.partitions_near(stage) == f"t.day >= DATE '{near[0]}' AND t.day <= DATE '{near[1]}'"
    assert LATEST.partitions_near(stage) == "true"


def test_only_partitions_of_existing_rows_are_merged(spark):
    days = ["2026-03-02", "2026-03-01", "2026-03-02"]
    pairs = spark.createDataFrame([(day,) for day in days], "_day string")

    assert MARKS.partitions_of(pairs) == "t.day IN (DATE '2026-03-01', DATE '2026-03-02')"
    assert LATEST.partitions_of(pairs) == "true"

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

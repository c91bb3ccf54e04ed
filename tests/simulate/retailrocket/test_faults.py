import pyarrow as pa
import pytest

from shoplake.simulate.retailrocket.faults import DUPLICATE, FORMS, SHARES, VALID_KINDS, StreamFaults

CLEAN = pa.array([f"14332213{number:05},{number},view,{number},\n" for number in range(1_000)])


@pytest.mark.parametrize("stream", SHARES)
def test_the_shares_of_a_stream_sum_to_one(stream):
    assert sum(SHARES[stream].values()) == pytest.approx(1)
    assert {*FORMS[stream], DUPLICATE, "same_moment"} >= set(SHARES[stream])


def test_faults_are_added_and_every_clean_line_stays():
    error_rate = StreamFaults(7, 0.1, "events")

    [mixed] = error_rate.inject([CLEAN])

    assert len(mixed) == error_rate.lines == 1_100
    assert set(CLEAN.to_pylist()) <= set(mixed.to_pylist())
    assert error_rate.duplicates == {"exact": 40, "conflicting": 0}
    assert sum(error_rate.quarantined.values()) == 60


def test_without_a_share_nothing_is_added():
    error_rate = StreamFaults(7, 0.0, "events")

    assert [repeat_template.equals(CLEAN) for repeat_template in error_rate.inject([CLEAN])] == [True]
    assert set(error_rate.kinds.values()) == {0}


def test_only_duplicates_come_twice(faulty):
    lines = faulty.lines("events.csv")

    assert len(lines) - len(set(lines)) == faulty.ground_truth["duplicates"]["events"]["exact"]


def test_valid_kinds_are_not_quarantined():
    error_rate = StreamFaults(7, 0.2, "category_tree")

    assert set(error_rate.quarantined) == set(SHARES["category_tree"]) - {DUPLICATE, *VALID_KINDS}

import pyarrow as pa
import pytest

from shoplake.simulate.faults.faults import MOVED, SHARES, DelayedLines, FaultPlan, mix_in
from shoplake.simulate.rng import rng_for


@pytest.mark.parametrize("stream", SHARES)
def test_the_shares_of_a_stream_sum_to_one(stream):
    assert sum(share for kind, share in SHARES[stream].items() if kind not in MOVED) == pytest.approx(1)


def test_due_faults_follow_the_clean_records_less_those_injected():
    faults = FaultPlan(0.1)

    assert faults.due("products", 1_000) == {"negative_price": 60, "missing_product_id": 40}
    faults.record("products", "negative_price", 60)

    assert faults.due("products", 0) == {"negative_price": 0, "missing_product_id": 40}


def test_there_is_at_least_one_of_each_kind_and_none_at_rate_zero():
    assert set(FaultPlan(0.01).due("events", 10).values()) == {1}
    assert set(FaultPlan(0.0).due("events", 10_000).values()) == {0}


def test_injected_faults_are_counted_by_outcome():
    faults = FaultPlan(0.1)
    for kind, count in (("duplicate_in_file", 2), ("conflicting_duplicate", 3), ("cut_json", 4), ("late", 5)):
        faults.record("events", kind, count)

    assert faults.duplicates()["events"] == {"exact": 2, "conflicting": 3}
    assert {kind: n for kind, n in faults.quarantined()["events"].items() if n} == {"cut_json": 4}
    assert faults.counts()["events"]["late"] == 5


def test_lines_that_are_late_come_once_within_five_days_and_before_the_end():
    delayed = DelayedLines(last_day=4)
    delayed.delay(rng_for(1, "test"), 2, ["a", "b", "c"])

    assert (delayed.has_later_day(3), delayed.has_later_day(4)) == (True, False)
    assert sorted(delayed.pop(3) + delayed.pop(4)) == ["a", "b", "c"]
    assert delayed.pop(4) == []


def test_extra_lines_are_mixed_in_and_the_others_keep_their_order():
    actual = mix_in(rng_for(1, "test"), pa.array(list("abcd")), ["X", "Y"]).to_pylist()

    assert sorted(actual) == sorted("abcdXY")
    assert [line for line in actual if line.islower()] == list("abcd")


def test_lines_out_of_order_are_the_same_lines():
    actual = mix_in(rng_for(1, "test"), pa.array(list("abcdefgh")), [], out_of_order=4).to_pylist()

    assert sorted(actual) == list("abcdefgh") != actual

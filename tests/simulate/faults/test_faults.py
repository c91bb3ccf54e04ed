import pyarrow as pa
import pytest

from shoplake.simulate.faults.faults import MOVED, SHARES, Dirt, Postponed, mixed_in
from shoplake.simulate.rng import chance_of


@pytest.mark.parametrize("stream", SHARES)
def test_the_kinds_of_dirt_of_a_stream_are_all_of_it(stream):
    assert sum(share for kind, share in SHARES[stream].items() if kind not in MOVED) == pytest.approx(1)


def test_as_much_dirt_is_due_as_clean_records_ask_for_less_what_was_spread():
    dirt = Dirt(0.1)

    assert dirt.due("products", 1_000) == {"negative_price": 60, "missing_product_id": 40}
    dirt.add("products", "negative_price", 60)

    assert dirt.due("products", 0) == {"negative_price": 0, "missing_product_id": 40}


def test_there_is_at_least_one_of_each_kind_and_none_without_dirt():
    assert set(Dirt(0.01).due("events", 10).values()) == {1}
    assert set(Dirt(0.0).due("events", 10_000).values()) == {0}


def test_what_was_spread_is_told_by_what_becomes_of_it():
    dirt = Dirt(0.1)
    for kind, count in (("duplicate_in_file", 2), ("conflicting_duplicate", 3), ("cut_json", 4), ("late", 5)):
        dirt.add("events", kind, count)

    assert dirt.duplicates()["events"] == {"exact": 2, "conflicting": 3}
    assert {kind: n for kind, n in dirt.quarantined()["events"].items() if n} == {"cut_json": 4}
    assert dirt.kinds()["events"]["late"] == 5


def test_lines_that_are_late_come_once_within_five_days_and_before_the_end():
    late = Postponed(last_day=4)
    late.put(chance_of(1, "test"), 2, ["a", "b", "c"])

    assert (late.may_follow(3), late.may_follow(4), late.waits_for(2)) == (True, False, False)
    assert sorted(late.take(3) + late.take(4)) == ["a", "b", "c"]
    assert late.take(4) == []


def test_extra_lines_are_mixed_in_and_the_others_keep_their_order():
    found = mixed_in(chance_of(1, "test"), pa.array(list("abcd")), ["X", "Y"]).to_pylist()

    assert sorted(found) == sorted("abcdXY")
    assert [line for line in found if line.islower()] == list("abcd")


def test_lines_out_of_order_are_the_same_lines():
    found = mixed_in(chance_of(1, "test"), pa.array(list("abcdefgh")), [], out_of_order=4).to_pylist()

    assert sorted(found) == list("abcdefgh") != found

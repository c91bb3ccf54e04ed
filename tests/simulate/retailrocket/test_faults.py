import pyarrow as pa
import pytest

from shoplake.simulate.retailrocket.faults import DUPLICATE, FORMS, GOOD, SHARES, Dirt

CLEAN = pa.array([f"14332213{number:05},{number},view,{number},\n" for number in range(1_000)])


@pytest.mark.parametrize("stream", SHARES)
def test_the_shares_of_a_stream_are_all_its_dirt(stream):
    assert sum(SHARES[stream].values()) == pytest.approx(1)
    assert {*FORMS[stream], DUPLICATE, "same_moment"} >= set(SHARES[stream])


def test_dirt_is_added_and_every_clean_line_stays():
    dirt = Dirt(7, 0.1, "events")

    [mixed] = dirt.spread([CLEAN])

    assert len(mixed) == dirt.lines == 1_100
    assert set(CLEAN.to_pylist()) <= set(mixed.to_pylist())
    assert dirt.duplicates == {"exact": 40, "conflicting": 0}
    assert sum(dirt.quarantined.values()) == 60


def test_without_a_share_nothing_is_added():
    dirt = Dirt(7, 0.0, "events")

    assert [block.equals(CLEAN) for block in dirt.spread([CLEAN])] == [True]
    assert set(dirt.kinds.values()) == {0}


def test_only_duplicates_come_twice(dirty):
    lines = dirty.lines("events.csv")

    assert len(lines) - len(set(lines)) == dirty.truth["duplicates"]["events"]["exact"]


def test_good_kinds_count_for_nothing_bad():
    dirt = Dirt(7, 0.2, "category_tree")

    assert set(dirt.quarantined) == set(SHARES["category_tree"]) - {DUPLICATE, *GOOD}

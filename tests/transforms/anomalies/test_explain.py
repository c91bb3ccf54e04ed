from shoplake.transforms.anomalies.expect import Expectation
from shoplake.transforms.anomalies.explain import OVERALL, explain


def each(actual, expected):
    return Expectation(actual, expected, 1.0)


TOTAL = each(60, 100)


def test_the_segment_that_carries_most_of_the_difference_explains_it():
    segments = {"channel=email": each(2, 40), "channel=direct": each(58, 60)}

    assert explain(TOTAL, segments) == "channel=email"


def test_a_difference_that_all_share_is_overall():
    segments = {"channel=email": each(48, 80), "channel=direct": each(12, 20)}

    assert explain(TOTAL, segments) == OVERALL


def test_a_segment_that_fails_whole_but_is_small_explains_nothing():
    assert explain(TOTAL, {"channel=email": each(0, 10), "channel=direct": each(60, 90)}) == OVERALL


def test_a_segment_that_moves_the_other_way_explains_nothing():
    assert explain(TOTAL, {"channel=email": each(90, 10)}) == OVERALL


def test_of_segments_with_equal_shares_the_first_by_name_is_given():
    assert explain(TOTAL, {"device=b": each(0, 40), "channel=a": each(0, 40)}) == "channel=a"

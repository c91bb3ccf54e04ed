import pytest
from peer import attribution_distance

distance, measure_models = attribution_distance.distance, attribution_distance.measure_models
INCREMENTAL = {"email": 30.0, "paid_search": 10.0, "direct": 0.0}


def test_equal_shares_have_no_distance():
    assert distance({"email": 1, "direct": 3}, {"email": 10, "direct": 30}) == 0


def test_shares_that_have_no_channel_in_common_have_the_distance_one():
    assert distance({"email": 5}, {"direct": 2}) == 1


def test_the_distance_is_the_share_at_the_wrong_channel():
    assert distance({"email": 3, "direct": 1}, {"email": 1, "direct": 1}) == pytest.approx(0.25)


def test_what_is_credited_to_direct_visits_is_not_compared_with_incremental_orders():
    [row] = measure_models({"last": {"direct": 900.0, "email": 60.0, "paid_search": 20.0}}, {"direct": 1}, INCREMENTAL)

    assert (row.incremental, row.overstatement) == (0, 2)


def test_the_model_nearest_to_the_incremental_orders_is_first():
    credits = {"far": {"paid_search": 40.0}, "near": {"email": 31.0, "paid_search": 9.0}}

    assert [row.model for row in measure_models(credits, INCREMENTAL, INCREMENTAL)] == ["near", "far"]

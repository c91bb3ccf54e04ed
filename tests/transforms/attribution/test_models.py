import numpy as np
import pytest

from shoplake.transforms.attribution.models import HALF_LIFE, MODELS, Touches, weigh

DAY = HALF_LIFE // 7


def shares(model, *channels, ages=None, effects=None):
    """The weights of the touches of one order as shares of 1; the channels are direct, paid and free."""
    count = len(channels)
    touches = Touches(
        number=np.arange(1, count + 1),
        count=np.full(count, count),
        is_direct=np.array([channel == "direct" for channel in channels]),
        is_paid=np.array([channel == "paid" for channel in channels]),
        age=np.array(ages or [0] * count, np.int64),
        effect=np.array(effects or [0.0] * count),
    )
    weights = weigh(touches, model)
    return [pytest.approx(weight / weights.sum()) for weight in weights]


@pytest.mark.parametrize("model", MODELS)
def test_one_touch_has_it_all(model):
    assert shares(model, "direct") == [1]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", [1, 0, 0, 0]),
        ("last", [0, 0, 0, 1]),
        ("last_non_direct", [0, 0, 1, 0]),
        ("last_paid", [0, 1, 0, 0]),
        ("linear", [0.25, 0.25, 0.25, 0.25]),
        ("position", [0.4, 0.1, 0.1, 0.4]),
    ],
)
def test_each_model_has_its_place(model, expected):
    assert shares(model, "free", "paid", "free", "direct") == expected


def test_three_touches_by_position_are_40_20_40_and_two_are_halves():
    assert shares("position", "free", "free", "free") == [0.4, 0.2, 0.4]
    assert shares("position", "free", "free") == [0.5, 0.5]


def test_decay_halves_the_weight_every_seven_days():
    ages = [14 * DAY, 7 * DAY, 0]

    assert shares("decay", "free", "free", "free", ages=ages) == [1 / 7, 2 / 7, 4 / 7]


def test_last_non_direct_is_the_last_where_all_are_direct():
    assert shares("last_non_direct", "direct", "direct") == [0, 1]


def test_last_paid_falls_back_to_the_last_that_is_not_direct():
    assert shares("last_paid", "free", "direct") == [1, 0]


def test_data_driven_follows_the_removal_effects_and_without_any_all_are_equal():
    assert shares("data_driven", "free", "paid", effects=[0.1, 0.3]) == [0.25, 0.75]
    assert shares("data_driven", "free", "paid") == [0.5, 0.5]

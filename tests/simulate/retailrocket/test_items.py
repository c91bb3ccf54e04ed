import numpy as np
import pytest

from shoplake.simulate.calendar import DAY
from shoplake.simulate.retailrocket.hierarchy import generate_tree
from shoplake.simulate.retailrocket.items import PUBLISH_RATES, UNKNOWN, Items

START = 1_430_611_200_000


@pytest.fixture
def items():
    return Items(7, 500, START, 40, generate_tree(7, 500))


def test_every_property_of_every_item_is_published_at_least_once(items):
    assert {name: bool(items.published[name].any(axis=1).all()) for name in PUBLISH_RATES} == dict.fromkeys(
        PUBLISH_RATES, True
    )


def test_a_value_stands_until_another_is_published(items):
    for name, values in items.values.items():
        changes = values[:, 1:] != values[:, :-1]

        assert not (changes & ~items.published[name][:, 1:]).any()
        assert ((values == UNKNOWN) == (np.cumsum(items.published[name], axis=1) == 0)).all()


def test_prices_are_whole_cents_and_none_begins_with_a_nought(items):
    known = items.values["790"][items.values["790"] != UNKNOWN]

    assert (known % 10 == 0).all()
    assert known.min() >= 1_000


def test_the_price_of_a_moment_is_that_of_the_week_begun_last(items):
    moments, every = items.moments, np.zeros(3, dtype=np.int64)

    actual = items.price_at(every, np.array([moments[0] - 1, moments[1] - 1, moments[1]]))

    assert actual.tolist() == [UNKNOWN, items.values["790"][0, 0], items.values["790"][0, 1]]


@pytest.mark.parametrize(("days", "weeks"), [(1, 1), (8, 1), (9, 1), (15, 2), (138, 19)])
def test_properties_are_published_weekly_within_the_days(days, weeks):
    moments = Items(7, 3, START, days, generate_tree(7, 3)).moments

    assert len(moments) == weeks
    assert START < moments[0] <= moments[-1] < START + days * DAY

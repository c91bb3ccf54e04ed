from datetime import date

import numpy as np
import pytest

from shoplake.simulate.rng import rng_for
from shoplake.simulate.user_agents import BOTS, USER_AGENTS
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import MIN_ABSENCE, Visitors


@pytest.fixture
def visitors():
    return Visitors(Shop(8_000, 100, 1, 9, 0, 0.0, date(2026, 3, 24), "Europe/London", "GBP"))


def test_customers_come_first_and_bots_last(visitors):
    everyone = np.arange(visitors.size)

    assert visitors.is_bot(everyone).tolist() == [number >= visitors.first_bot for number in everyone]
    assert [USER_AGENTS[user_agent] in BOTS for user_agent in visitors.user_agent] == visitors.is_bot(everyone).tolist()


def test_only_customers_who_have_signed_up_are_drawn(visitors):
    drawn = visitors.draw(rng_for(1, "test"), 5_000, known=7)

    assert set(drawn[drawn < visitors.customers].tolist()) <= set(range(7))
    assert drawn.max() < visitors.size


def test_no_visitor_comes_back_within_half_an_hour(visitors):
    visitor, length = np.array([5, 3, 5, 5]), np.array([1_000, 50, 2_000, 10])

    starts = visitors.schedule(visitor, np.array([0, 0, 10, 20]), length)

    assert starts.tolist() == [0, 0, 1_000 + MIN_ABSENCE, 3_000 + 2 * MIN_ABSENCE]


def test_a_known_visitor_waits_as_well(visitors):
    visitors.record_ends(np.array([5]), np.array([0]), np.array([900]))

    assert visitors.schedule(np.array([5, 6]), np.array([1_000, 1_000]), np.array([1, 1])).tolist() == [
        900 + MIN_ABSENCE,
        1_000,
    ]


def test_no_sessions_need_no_time(visitors):
    nothing = np.array([], dtype=np.int64)

    assert visitors.schedule(nothing, nothing, nothing).tolist() == []

from datetime import date

import numpy as np
import pytest

from shoplake.simulate.rng import chance_of
from shoplake.simulate.user_agents import AGENTS, BOTS
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import LEAST_ABSENCE, Crowd


@pytest.fixture
def crowd():
    return Crowd(Shop(8_000, 100, 1, 9, 0, 0.0, date(2026, 3, 24), "Europe/London", "GBP"))


def test_customers_come_first_and_bots_last(crowd):
    everyone = np.arange(crowd.size)

    assert crowd.is_bot(everyone).tolist() == [number >= crowd.first_bot for number in everyone]
    assert [AGENTS[agent] in BOTS for agent in crowd.agent] == crowd.is_bot(everyone).tolist()


def test_only_customers_who_have_signed_up_are_drawn(crowd):
    drawn = crowd.draw(chance_of(1, "test"), 5_000, known=7)

    assert set(drawn[drawn < crowd.customers].tolist()) <= set(range(7))
    assert drawn.max() < crowd.size


def test_nobody_comes_back_within_half_an_hour(crowd):
    visitor, length = np.array([5, 3, 5, 5]), np.array([1_000, 50, 2_000, 10])

    starts = crowd.schedule(visitor, np.array([0, 0, 10, 20]), length)

    assert starts.tolist() == [0, 0, 1_000 + LEAST_ABSENCE, 3_000 + 2 * LEAST_ABSENCE]


def test_who_was_here_before_waits_as_well(crowd):
    crowd.leave(np.array([5]), np.array([0]), np.array([900]))

    assert crowd.schedule(np.array([5, 6]), np.array([1_000, 1_000]), np.array([1, 1])).tolist() == [
        900 + LEAST_ABSENCE,
        1_000,
    ]


def test_no_visits_need_no_time(crowd):
    nothing = np.array([], dtype=np.int64)

    assert crowd.schedule(nothing, nothing, nothing).tolist() == []

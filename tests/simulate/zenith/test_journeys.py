import numpy as np
import pytest

from shoplake.simulate.rng import Popularity, chance_of
from shoplake.simulate.zenith.journeys import ADD_TO_CART, EVENTS_A_VISIT, FUNNEL, PAGE_VIEW, PURCHASE, walk
from shoplake.simulate.zenith.visitors import PAUSE

VISITS = 4_000


@pytest.fixture(scope="module")
def journeys():
    """Visits of people on every device, and the last tenth of bots."""
    is_bot = np.arange(VISITS) >= VISITS * 0.9
    return walk(chance_of(1, "test"), np.arange(VISITS) % 3, is_bot, Popularity(30, 1))


def test_every_visit_begins_with_a_page(journeys):
    firsts = np.flatnonzero(np.concatenate([[True], journeys.visit[1:] != journeys.visit[:-1]]))

    assert len(firsts) == VISITS
    assert set(journeys.name[firsts]) == {PAGE_VIEW}
    assert set(journeys.offset[firsts]) == {0}


def test_events_of_a_visit_come_in_time_and_never_over_half_an_hour_apart(journeys):
    gaps = np.diff(journeys.offset)[journeys.visit[1:] == journeys.visit[:-1]]

    assert 0 <= gaps.min() <= gaps.max() <= PAUSE
    assert PAUSE in gaps


def test_bots_buy_nothing(journeys):
    bought = journeys.visit[np.isin(journeys.name, [ADD_TO_CART, PURCHASE])]

    assert len(bought)
    assert bought.max() < VISITS * 0.9


def test_how_far_a_visit_came_is_told(journeys):
    bought = np.unique(journeys.visit[journeys.name == PURCHASE])

    assert np.flatnonzero(journeys.depth == FUNNEL.index(PURCHASE)).tolist() == bought.tolist()
    assert len(journeys.visit) / VISITS == pytest.approx(EVENTS_A_VISIT, rel=0.25)

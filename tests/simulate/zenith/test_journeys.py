import numpy as np
import pytest

from shoplake.simulate.rng import Popularity, rng_for
from shoplake.simulate.zenith.journeys import (
    ADD_TO_CART,
    EVENTS_PER_SESSION,
    FUNNEL,
    PAGE_VIEW,
    PURCHASE,
    draw_journeys,
)
from shoplake.simulate.zenith.visitors import SESSION_GAP

SESSIONS = 4_000


@pytest.fixture(scope="module")
def journeys():
    """Sessions of people on every device; the last tenth is of bots."""
    is_bot = np.arange(SESSIONS) >= SESSIONS * 0.9
    return draw_journeys(rng_for(1, "test"), np.arange(SESSIONS) % 3, is_bot, Popularity(30, 1))


def test_every_session_begins_with_a_page(journeys):
    firsts = np.flatnonzero(np.concatenate([[True], journeys.session[1:] != journeys.session[:-1]]))

    assert len(firsts) == SESSIONS
    assert set(journeys.name[firsts]) == {PAGE_VIEW}
    assert set(journeys.offset[firsts]) == {0}


def test_events_of_a_session_come_in_time_order_and_never_over_half_an_hour_apart(journeys):
    gaps = np.diff(journeys.offset)[journeys.session[1:] == journeys.session[:-1]]

    assert 0 <= gaps.min() <= gaps.max() <= SESSION_GAP
    assert SESSION_GAP in gaps


def test_bots_buy_nothing(journeys):
    bought = journeys.session[np.isin(journeys.name, [ADD_TO_CART, PURCHASE])]

    assert len(bought)
    assert bought.max() < SESSIONS * 0.9


def test_the_depth_of_a_session_is_its_last_funnel_step(journeys):
    bought = np.unique(journeys.session[journeys.name == PURCHASE])

    assert np.flatnonzero(journeys.depth == FUNNEL.index(PURCHASE)).tolist() == bought.tolist()
    assert len(journeys.session) / SESSIONS == pytest.approx(EVENTS_PER_SESSION, rel=0.25)

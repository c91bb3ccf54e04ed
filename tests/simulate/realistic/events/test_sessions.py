import numpy as np
import pytest

from shoplake.simulate.realistic.events.sessions import FROM_START, MID_VISIT, NO_LOGIN, SessionDraws, Sessions
from shoplake.simulate.realistic.orders.placed import draw_placed


@pytest.fixture(scope="module")
def placed(world):
    return draw_placed(world.options, world.business, world.people, world.lives)


@pytest.fixture
def draws(world):
    return lambda **kw: SessionDraws(
        np.random.default_rng(1), world.people, world.lives, **({"has_identity": True} | kw)
    )


def test_every_order_from_the_web_ends_one_session(draws, placed):
    sessions = draws().around_orders(placed)

    assert sorted(sessions.order[sessions.order >= 0].tolist()) == np.flatnonzero(placed.is_web).tolist()


def test_the_first_visit_before_an_order_is_by_its_lead(draws, placed):
    sessions = draws().around_orders(placed)
    buying = sessions.take(sessions.order >= 0)
    alone = [
        order
        for order, person, at in zip(buying.order.tolist(), buying.person.tolist(), buying.at.tolist(), strict=True)
        if np.count_nonzero((sessions.person == person) & (sessions.at <= at)) == 1
    ]

    channel = dict(zip(buying.order.tolist(), buying.channel.tolist(), strict=True))
    assert [channel[order] for order in alone] == placed.lead[alone].tolist()
    assert len(alone) > 50


def test_customers_log_in_from_the_start_in_mid_visit_or_never(draws, world):
    visits = draws().other_visits(3_000, world.business)
    by_customers = visits.customer >= 0

    assert set(visits.login[by_customers].tolist()) == {NO_LOGIN, FROM_START, MID_VISIT}
    assert set(visits.login[~by_customers].tolist()) == {NO_LOGIN}


def test_without_identity_customers_are_always_known(draws, world):
    visits = draws(has_identity=False).other_visits(3_000, world.business)
    known = visits.customer >= 0
    after_sign_up = visits.at >= world.lives.signed_up_at[visits.customer]

    assert set(visits.login[known & after_sign_up].tolist()) == {FROM_START}


def test_no_visits_are_drawn_where_none_are_wanted(draws, world):
    assert len(draws().other_visits(0, world.business)) == 0


def test_sessions_are_joined_and_selected(draws, world):
    visits = draws().other_visits(10, world.business)

    assert len(Sessions.concat(visits, visits.take(np.array([0])))) == 11

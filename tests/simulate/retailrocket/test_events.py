import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.retailrocket.events import BUY, CART, VIEW, generate_events

START = 1_430_611_200_000
EVENTS = generate_events(7, 20_000, 300, START, 30)


def test_no_event_comes_twice():
    rows = np.stack(EVENTS)

    assert np.unique(rows, axis=1).shape == rows.shape


def test_kinds_come_about_as_often_as_in_the_real_data():
    views, carts, orders = np.bincount(EVENTS.kind) / len(EVENTS.at)

    assert views > 0.95
    assert 0.015 < carts < 0.04
    assert 0.003 < orders < 0.015


def test_only_what_was_put_into_the_cart_by_the_same_visitor_is_bought():
    def pairs(kind):
        return set(zip(EVENTS.visitor[EVENTS.kind == kind], EVENTS.item[EVENTS.kind == kind], strict=True))

    assert pairs(BUY) <= pairs(CART) <= pairs(VIEW)


def test_an_order_is_of_one_visitor_at_one_time_and_other_events_have_none():
    is_buy = EVENTS.kind == BUY
    orders = {}
    for order, visitor, at in zip(EVENTS.order[is_buy], EVENTS.visitor[is_buy], EVENTS.at[is_buy], strict=True):
        assert orders.setdefault(order, (visitor, at)) == (visitor, at)

    assert 0 not in orders
    assert set(EVENTS.order[~is_buy]) == {0}


def test_events_lie_in_their_days_by_time():
    assert (np.diff(EVENTS.at) >= 0).all()
    assert START <= EVENTS.at[0] <= EVENTS.at[-1] < START + 31 * DAY

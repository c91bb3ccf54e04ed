import numpy as np
import pytest

from shoplake.simulate.realistic.channels import LOOKALIKE
from shoplake.simulate.realistic.orders.placed import draw_placed


@pytest.fixture(scope="module")
def placed(world):
    return draw_placed(world.options, world.business, world.people, world.lives)


def test_guests_have_no_account_and_one_order_each(placed, world):
    guests = placed.customer < 0

    assert guests.sum() == world.options.guest_orders
    assert len(np.unique(placed.person[guests])) == guests.sum()


def test_a_first_order_of_paid_social_is_the_covariate(placed, world):
    first = (placed.ordinal == 0) & (placed.customer >= 0)
    social = set(placed.customer[first & (placed.lead == LOOKALIKE)].tolist())

    assert social == set(world.lives.buyers[world.lives.covariate("paid_social") == 1].tolist())


def test_orders_by_phone_have_no_channel_and_no_cause(placed):
    phone = ~placed.is_web

    assert 0 < phone.mean() < 0.04
    assert set(placed.lead[phone].tolist()) == {-1}
    assert not placed.is_incremental[phone].any()


def test_the_selected_orders_are_taken_whole(placed):
    one = placed.take(np.array([3]))

    assert (one.at[0], one.person[0], len(one)) == (placed.at[3], placed.person[3], 1)

import numpy as np

from shoplake.simulate.realistic.customers.life import NEVER


def test_customers_sign_up_before_their_first_order(world):
    lives = world.lives
    orders = lives.first_order_at != NEVER

    assert (lives.signed_up_at[orders] < lives.first_order_at[orders]).all()
    assert orders.sum() == len(lives.buyers) < world.options.customers


def test_visits_begin_with_the_first_order_and_are_fewer_after_leaving(world):
    lives = world.lives
    who, at = lives.draw_visits(np.random.default_rng(2), 20_000)
    left = at > lives.left_at[who]

    assert (at >= lives.first_order_at[who] - 1).all()
    assert 0 < left.mean() < 0.3


def test_frequent_buyers_visit_more(world):
    lives = world.lives
    who, _ = lives.draw_visits(np.random.default_rng(2), 20_000)
    visits = np.bincount(np.searchsorted(lives.buyers, who), minlength=len(lives.buyers))
    often = lives.rates.rate > np.median(lives.rates.rate)

    assert visits[often].mean() > 1.5 * visits[~often].mean()


def test_few_orders_are_from_another_country(world):
    person = np.arange(220)
    homes = np.tile(person, 50)

    markets = world.lives.markets(np.random.default_rng(4), homes)

    assert 0.001 < (markets != world.lives.home_market[homes]).mean() < 0.03

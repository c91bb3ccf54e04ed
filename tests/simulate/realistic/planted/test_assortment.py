import numpy as np
import pytest

from shoplake.simulate.realistic.planted.anomaly_plan import Anomaly
from shoplake.simulate.realistic.planted.assortment import Assortment
from shoplake.simulate.rng import Popularity


@pytest.fixture
def build(options, calendar):
    def assortment(anomalies=(), **arguments):
        given = options(**arguments)
        return Assortment(given, calendar, Popularity(given.products, given.seed), list(anomalies))

    return assortment


def test_a_product_is_in_one_pair_at_most(build):
    members = [product for pair in build().affinities for product in pair]

    assert len(set(members)) == len(members) == 16


def test_a_companion_is_added_to_some_orders_with_its_product(build):
    assortment = build()
    order, product = np.arange(10_000), np.full(10_000, assortment.affinities[0].product)

    orders, companions = assortment.companions(np.random.default_rng(1), order, product)

    assert set(companions.tolist()) == {assortment.affinities[0].companion}
    assert len(orders) == pytest.approx(3_500, rel=0.05)


def test_a_product_is_out_from_the_start_up_to_the_end_of_its_stock_out(build):
    assortment = build()
    stockout = assortment.stockouts[0]
    at = np.array([stockout.starts_at - 1, stockout.starts_at, stockout.ends_at - 1, stockout.ends_at])

    assert assortment.is_out(np.full(4, stockout.product), at).tolist() == [False, True, True, False]
    assert assortment.is_out(np.full(4, stockout.product), at, margin=1).tolist() == [True, True, True, False]
    assert not assortment.is_out(np.full(4, assortment.substitute), at).any()


def test_the_best_seller_runs_out_as_an_anomaly(build):
    anomaly = Anomaly("stockout_best_seller", 3, 6, 1_000, 2_000)

    planted, usual = build([anomaly], features=frozenset()), build(features=frozenset())

    assert [(each.product, each.starts_at, each.ends_at) for each in planted.stockouts] == [
        (usual.substitute, 1_000, 2_000)
    ]
    assert planted.substitute != usual.substitute


def test_a_small_shop_and_one_without_the_feature_have_nothing_special(build):
    for plain in (build(products=3), build(features=frozenset())):
        assert (plain.affinities, plain.stockouts, plain.is_sub_cent.any()) == ([], [], False)


def test_some_prices_have_parts_of_a_cent(build):
    assortment = build()
    product = np.arange(60)

    prices = assortment.with_parts_of_cents(product, np.full(60, 124_900))

    assert set(prices.tolist()) == {124_900, 123_333}

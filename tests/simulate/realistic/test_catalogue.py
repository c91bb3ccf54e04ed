import json

import numpy as np
import pytest

from shoplake.simulate.realistic.money import UNIT


@pytest.fixture
def catalogue(world):
    return world.catalogue


def test_a_price_counts_from_its_time_on(catalogue):
    later = int(np.flatnonzero(catalogue.product[1:] == catalogue.product[:-1])[0]) + 1
    product, at = catalogue.product[[later, later]], catalogue.valid_from[later] + np.array([-1, 0])

    prices = catalogue.price_at(product, at, np.zeros(2, dtype=np.int64))

    assert prices.tolist() == catalogue.price[[later - 1, later]].tolist()


def test_a_price_in_another_currency_is_in_whole_cents(catalogue, world):
    whole = np.flatnonzero(~catalogue.assortment.is_sub_cent)
    at, euro = np.full(len(whole), world.lives.opened), np.full(len(whole), world.markets.currencies.index("EUR"))

    own, foreign = (catalogue.price_at(whole, at, currency) for currency in (np.zeros_like(euro), euro))

    assert foreign / own == pytest.approx(np.full(len(whole), 1.17), rel=0.01)
    assert set((foreign % 100).tolist()) == {0}


def test_a_snapshot_has_the_prices_and_times_of_its_moment(catalogue, world):
    at = (world.lives.opened + world.lives.closed) // 2
    rows = catalogue.snapshot(at).to_pylist()
    prices = {}
    for product, start, price in zip(
        catalogue.product.tolist(), catalogue.valid_from.tolist(), catalogue.price.tolist(), strict=True
    ):
        if start <= at:
            prices[catalogue.ids[product]] = price

    assert {row["product_id"]: int(row["price"] * UNIT) for row in rows}.items() <= prices.items()
    assert all(row["updated_at"].timestamp() * 1000 <= at for row in rows)


def test_a_restocked_product_is_as_new_as_its_return(catalogue):
    stockout = catalogue.assortment.stockouts[0]
    name = catalogue.ids[stockout.product]

    [row] = [row for row in catalogue.snapshot(stockout.ends_at).to_pylist() if row["product_id"] == name]

    assert row["updated_at"].timestamp() * 1000 >= stockout.ends_at


def test_changes_are_in_the_order_of_time(catalogue):
    lines = catalogue.change_lines()

    assert [at for at, _ in lines] == sorted(at for at, _ in lines)
    assert sorted(json.loads(line)["op"] for _, line in lines) == ["delete"] * (len(lines) // 2) + ["insert"] * (
        len(lines) // 2
    )

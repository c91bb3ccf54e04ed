from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from transforms.products.test_association import dunning

from shoplake.ml.recommendations.pair_counts import PairCounts, log_likelihood_ratios

from .sample_baskets import draw_baskets

BASKETS = draw_baskets(60)
COUNTS = PairCounts.of_baskets(BASKETS)
PAIRS = Counter(pair for basket in BASKETS for pair in combinations(sorted(set(basket)), 2))


def test_baskets_and_pairs_are_counted_as_sets():
    found = {
        (product, COUNTS.products[partner]): together
        for place, product in enumerate(COUNTS.products)
        for partner, together in zip(*COUNTS.row(place), strict=True)
    }

    assert found == {**PAIRS, **{(b, a): count for (a, b), count in PAIRS.items()}}
    assert COUNTS.baskets == len(BASKETS)
    assert dict(zip(COUNTS.products, COUNTS.alone, strict=True)) == Counter(p for b in BASKETS for p in set(b))


def test_a_product_twice_in_a_basket_counts_once():
    assert PairCounts.of_baskets([["a", "a", "b"]]).alone.tolist() == [1, 1]


@pytest.mark.parametrize("max_dense", [0, 4000])
def test_a_block_is_the_square_of_the_counts(max_dense):
    chosen = np.array([1, 4, 7])
    names = [COUNTS.products[each] for each in chosen]

    block = replace(COUNTS, max_dense=max_dense).block(chosen)

    for row, a in enumerate(names):
        for column, b in enumerate(names):
            whole = sum(a in basket and b in basket for basket in BASKETS)
            assert block[row, column] == whole


def test_counts_do_not_depend_on_the_order_of_the_baskets():
    backwards = PairCounts.of_baskets([basket[::-1] for basket in BASKETS[::-1]])

    assert backwards.products == COUNTS.products
    assert np.array_equal(backwards.partners, COUNTS.partners)
    assert np.array_equal(backwards.together, COUNTS.together)


def test_the_likelihood_ratio_is_dunnings_where_products_are_together_more_than_by_chance():
    found = log_likelihood_ratios(np.array([20.0, 3.0]), np.array([30.0, 30.0]), np.array([25.0, 25.0]), 100.0)

    assert found[0] == pytest.approx(dunning(20, 30, 25, 100))
    assert found[1] == pytest.approx(-dunning(3, 30, 25, 100))


def test_pairs_are_found_and_others_are_together_never():
    keys = np.arange(len(COUNTS.products))
    a, b = (each.ravel() for each in np.meshgrid(keys, keys))

    found = COUNTS.find(a, b)

    names = COUNTS.products
    expected = [PAIRS[min(names[x], names[y]), max(names[x], names[y])] for x, y in zip(a, b, strict=True)]
    assert found.tolist() == expected
    assert PairCounts.of_baskets([["a"]]).find(keys[:1], keys[:1]).tolist() == [0]

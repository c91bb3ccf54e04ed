import math
import random

import numpy as np
import pytest

from shoplake.ml.recommendations.metrics import capped_recall, estimate_mean, ndcg, recall, reciprocal_rank


def test_the_examples_of_the_definitions_come_out():
    hits = [True, False, True]

    assert recall(hits, 4) == 0.5
    assert capped_recall(hits, 4, 3) == pytest.approx(2 / 3)
    assert ndcg(hits, 2, 3) == pytest.approx(1.5 / (1 + 1 / math.log2(3)), abs=1e-12)
    assert reciprocal_rank([False, False, True]) == pytest.approx(1 / 3)


def test_ndcg_is_that_of_the_sorted_gains_on_random_lists():
    chance = random.Random(3)
    for _ in range(200):
        hits = [chance.random() < 0.3 for _ in range(10)]
        relevant = max(1, sum(hits) + chance.randint(0, 12))
        discounts = [1 / math.log2(rank + 2) for rank in range(10)]
        gains = sorted([1] * relevant + [0] * 10, reverse=True)[:10]
        ideal = sum(gain * discount for gain, discount in zip(gains, discounts, strict=True))
        found = sum(discount for hit, discount in zip(hits, discounts, strict=True) if hit)
        assert ndcg(hits, relevant, 10) == pytest.approx(found / ideal, abs=1e-12)


def test_a_list_without_a_hit_or_of_no_length_is_worth_nothing():
    for hits in ([False] * 5, []):
        assert (recall(hits, 2), ndcg(hits, 2, 10), reciprocal_rank(hits)) == (0, 0, 0)


def test_the_interval_is_about_two_standard_errors_around_the_mean():
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)

    interval = estimate_mean(values)

    assert interval.mean == pytest.approx(values.mean())
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert interval.low < values.mean() < interval.high


def test_no_values_have_no_mean():
    assert estimate_mean(np.zeros(0)).mean == 0

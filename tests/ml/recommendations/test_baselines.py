from datetime import date

import pytest

from shoplake.ml.recommendations.baselines import count_popularity, weigh_by_cosine, weigh_by_likelihood
from shoplake.ml.recommendations.pair_counts import PairCounts

COUNTS = PairCounts.of_baskets([["a", "b"], ["a", "b"], ["a", "c"], ["b"], ["d"], ["d"]])


def test_popularity_counts_sales_of_the_days_before_a_day():
    sold = [(date(2026, 3, 1), "a"), (date(2026, 4, 1), "b"), (date(2026, 4, 30), "b"), (date(2026, 5, 1), "c")]

    assert count_popularity(sold, "abc", date(2026, 5, 1)).tolist() == [1, 2, 0]
    assert count_popularity(sold, "abc", date(2026, 5, 1), 30).tolist() == [0, 2, 0]


def test_cosine_is_the_share_of_common_baskets():
    scores = weigh_by_cosine(COUNTS).scores({0: 1.0})

    assert scores.tolist() == pytest.approx([0, 2 / 3, 1 / 3**0.5, 0])


def test_the_likelihood_ratio_prefers_what_is_together_more_than_by_chance():
    scores = weigh_by_likelihood(COUNTS).scores({0: 1.0})

    assert scores[1] > 0 and scores[2] > 0 and scores[3] == 0

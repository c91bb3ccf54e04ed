import math

import pytest
from pyspark.sql import functions as F

from shoplake.transforms.products.association import log_likelihood_ratio, wilson_high, wilson_low

TABLES = [
    (10, 10, 10, 10_010),
    (0, 10, 10, 10_010),
    (1, 1, 1, 2),
    (100, 1_000, 1_000, 10_000),
    (13, 1_013, 1_000, 103_013),
    (5, 5, 5, 5),
]
"""Counts of both, of the one, of the other, and of all."""


def dunning(together, with_a, with_b, units):
    """2 (L(p1) + L(p2) - L(p) - L(p)) for two binomials, as in section 5 of the paper."""

    def log_likelihood(successes, trials, chance):
        won = successes * math.log(chance) if successes else 0.0
        lost = (trials - successes) * math.log(1 - chance) if trials > successes else 0.0
        return won + lost

    samples = [(together, with_a), (with_b - together, units - with_a)]
    own = sum(log_likelihood(won, trials, won / trials) for won, trials in samples if trials)
    common = sum(log_likelihood(won, trials, with_b / units) for won, trials in samples if trials)
    return 2 * (own - common)


@pytest.fixture(scope="module")
def measured(spark):
    rows = spark.createDataFrame(TABLES, "a bigint, b bigint, c bigint, n bigint")
    return rows.select(
        log_likelihood_ratio("a", "b", "c", "n").alias("llr"),
        wilson_low("a", "b").alias("low"),
        wilson_high("a", "b").alias("high"),
    ).collect()


def test_the_ratio_is_that_of_dunnings_binomials(measured):
    assert [row.llr for row in measured] == pytest.approx([dunning(*table) for table in TABLES], abs=2e-6)


def test_ten_pairs_of_two_products_that_are_never_apart(measured):
    by_hand = 2 * (10 * math.log(10_010 / 10) + 10_000 * math.log(10_010 / 10_000))

    assert measured[0].llr == pytest.approx(by_hand, abs=1e-6)


def test_products_that_are_together_as_often_as_by_chance_have_no_ratio(measured):
    assert measured[3].llr == 0


def test_the_interval_solves_the_equation_of_wilsons_score(measured):
    z = 1.959963984540054
    for (won, trials, *_), row in zip(TABLES, measured, strict=True):
        share = won / trials
        for bound in (row.low, row.high):
            assert abs(share - bound) == pytest.approx(z * math.sqrt(bound * (1 - bound) / trials), abs=2e-5)
        assert 0 <= row.low <= share <= row.high <= 1


def test_nothing_tried_has_no_interval(spark):
    row = spark.range(1).select(F.lit(0).alias("a")).select(wilson_low("a", "a"), wilson_high("a", "a")).first()

    assert tuple(row) == (None, None)

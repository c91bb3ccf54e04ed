import math
from collections import Counter

import pytest
from transforms.products.test_association import dunning

from shoplake.tables.gold.products.product_affinity import product_affinity
from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.gold.products.product_pairs_daily import product_pairs_daily

from .oracle import count_days, count_pairs, count_products, draw_lines

ALL = {"min_together": 1, "min_llr": 0.0}


def by_whole(counts):
    whole = Counter()
    for (_, *key), count in counts.items():
        whole[tuple(key)] += count
    return whole


@pytest.fixture
def build(some):
    """The affinities of the orders of a feed, by pair, computed from the daily counts."""

    def build(lines, **parameters):
        common = {"feed": "shop", "unit": "basket"}
        pairs = [
            common | {"basket_date": day, "product_a": a, "product_b": b, "together": count}
            for (day, a, b), count in count_pairs(lines).items()
        ]
        baskets = [
            common
            | {"basket_date": day, "product_id": product, "baskets": count, "baskets_of_day": count_days(lines)[day]}
            for (day, product), count in count_products(lines).items()
        ]
        rows = product_affinity(some(product_pairs_daily, *pairs), some(product_baskets_daily, *baskets), **parameters)
        return {(row.product_a, row.product_b): row for row in rows.collect()}

    return build


def test_every_measure_is_that_of_its_definition(build):
    lines = draw_lines()
    pairs, single, n = by_whole(count_pairs(lines)), by_whole(count_products(lines)), count_days(lines).total()

    rows = build(lines, **ALL)

    assert rows.keys() == pairs.keys()
    for (a, b), row in rows.items():
        both, with_a, with_b = pairs[a, b], single[a,], single[b,]
        assert (row.together, row.baskets_a, row.baskets_b, row.baskets) == (both, with_a, with_b, n)
        assert (row.support, row.confidence_ab, row.confidence_ba) == (both / n, both / with_a, both / with_b)
        assert row.lift == pytest.approx(both * n / (with_a * with_b))
        assert row.llr == pytest.approx(dunning(both, with_a, with_b, n), abs=2e-6)


def test_the_lower_bound_is_a_lift_with_the_lowest_plausible_support(build):
    for row in build(draw_lines(), **ALL).values():
        support = row.lift_low * row.baskets_a * row.baskets_b / row.baskets**2
        margin = 1.959963984540054 * math.sqrt(support * (1 - support) / row.baskets)
        assert row.support - support == pytest.approx(margin, abs=1e-4)


def test_the_lower_bound_of_a_rare_pair_of_a_large_shop_is_exact(some):
    day = {"feed": "shop", "unit": "basket", "basket_date": "2026-03-01"}
    pair = day | {"product_a": "a", "product_b": "b", "together": 5}
    single = [day | {"product_id": name, "baskets": 10, "baskets_of_day": 1_000_000} for name in "ab"]

    [row] = product_affinity(some(product_pairs_daily, pair), some(product_baskets_daily, *single)).collect()

    assert row.lift == 50_000
    assert row.lift_low == pytest.approx(21_357.03, abs=0.01)


def test_only_pairs_beyond_chance_are_listed_and_the_planted_one_is_first(build):
    everything, rows = build(draw_lines(), **ALL), build(draw_lines())

    assert rows.keys() == {pair for pair, row in everything.items() if row.together >= 5 and row.llr >= 10.83}
    assert rows["p0", "p1"].rank == 1
    assert rows["p0", "p1"].lift_low > 1


def test_ranks_follow_the_ratio_without_gaps(build):
    rows = sorted(build(draw_lines(), **ALL).values(), key=lambda row: (-row.llr, -row.together, row.product_a))

    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))

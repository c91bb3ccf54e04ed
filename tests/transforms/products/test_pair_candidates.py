import pytest

from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.gold.products.product_pairs_daily import product_pairs_daily
from shoplake.tables.gold.products.product_sequences_daily import product_sequences_daily
from shoplake.transforms.products.pair_candidates import find_pair_candidates

DAY = {"feed": "shop", "basket_date": "2026-05-01"}


@pytest.fixture
def find(some):
    """The candidates of two products that were in 20 common baskets of 100, or sessions, some of them long ago."""

    def find(unit, old=0):
        days = [("2026-05-01", 20 - old), ("2026-04-01", old)]
        common = [DAY | {"unit": unit, "basket_date": day, "together": count} for day, count in days if count]
        pairs = [each | {"product_a": "a", "product_b": "b"} for each in common]
        singles = [
            DAY
            | {"unit": unit, "product_id": name, "basket_date": day, "baskets": 2 * count, "baskets_of_day": 5 * count}
            for name in "ab"
            for day, count in days
            if count
        ]
        frames = some(product_pairs_daily, *pairs), some(product_baskets_daily, *singles), some(product_sequences_daily)
        return {row.product_id: row for row in find_pair_candidates(*frames, 5, 100).collect()}

    return find


def test_both_sides_of_a_pair_have_the_other_as_candidate(find):
    rows = find("basket")

    assert {name: row.recommended_id for name, row in rows.items()} == {"a": "b", "b": "a"}
    assert rows["a"].score == pytest.approx(20 / (40 + 50), abs=1e-6)
    assert rows["a"].together == 20
    assert 0.8 < rows["a"].lift_low < 20 * 100 / 40 / 40


def test_sessions_of_thirty_days_ago_count_half(find):
    row = find("session", old=10)["a"]

    assert row.score == pytest.approx(15 / (30 + 50), abs=1e-6)
    assert row.together == 20


def test_baskets_count_alike_whenever_they_were(find):
    assert find("basket", old=10)["a"] == find("basket")["a"]


def test_pairs_that_were_together_once_are_left_out(find, some):
    pair = DAY | {"unit": "basket", "product_a": "a", "product_b": "b", "together": 1}
    single = DAY | {"unit": "basket", "product_id": "a", "baskets": 1, "baskets_of_day": 2}
    singles = some(product_baskets_daily, single, single | {"product_id": "b"})

    frames = some(product_pairs_daily, pair), singles, some(product_sequences_daily)

    assert find_pair_candidates(*frames, 5, 100).collect() == []


def test_sequences_are_candidates_of_the_viewed_product_and_count_by_age(some):
    singles = [DAY | {"unit": "session", "product_id": name, "baskets": 20, "baskets_of_day": 50} for name in "ab"]
    sequence = {"feed": "shop", "viewed_id": "a", "bought_id": "b", "buying_sessions": 9}
    days = {"2026-05-01": 6, "2026-04-01": 4}
    counted = [sequence | {"event_date": day, "sessions": count} for day, count in days.items()]
    frames = some(product_pairs_daily), some(product_baskets_daily, *singles), some(product_sequences_daily, *counted)

    [row] = find_pair_candidates(*frames, 5, 100).collect()

    assert (row.kind, row.product_id, row.recommended_id, row.together) == ("next", "a", "b", 10)
    assert row.score == pytest.approx((6 + 4 / 2) / (20 + 50), abs=1e-6)

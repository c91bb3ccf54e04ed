from collections import Counter
from datetime import date

import pytest

from shoplake.tables.gold.predictions.recommendations import recommendations
from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.gold.products.product_pairs_daily import product_pairs_daily
from shoplake.tables.gold.products.product_sequences_daily import product_sequences_daily
from shoplake.tables.silver.products import products

BASE = {"feed": "shop", "basket_date": "2026-05-01"}
CATALOG = {"a": "toys", "b": "toys", "c": "books", "d": "books", "e": "toys", "off": "toys", "gone": "toys"}


def pair(a, b, together, unit="basket", day="2026-05-01"):
    return BASE | {"unit": unit, "product_a": a, "product_b": b, "together": together, "basket_date": day}


def single(product, baskets, unit="basket", day="2026-05-01"):
    row = {"unit": unit, "product_id": product, "baskets": baskets, "baskets_of_day": 200, "basket_date": day}
    return BASE | row


SINGLES = [single(product, baskets) for product, baskets in zip(CATALOG, (40, 40, 60, 50, 5, 90, 95), strict=True)]
PAIRS = [pair("a", "b", 20), pair("a", "c", 12), pair("a", "off", 30), pair("a", "gone", 30), pair("c", "d", 1)]


@pytest.fixture
def build(some, zenith):
    """The lists of a small shop by kind and product: products, sources and reasons in order."""
    versions = [
        {"feed": "shop", "product_id": name, "category": category, "valid_from": "2026-01-01", "is_available": True}
        for name, category in CATALOG.items()
    ]
    versions[-2]["is_available"] = False
    versions[-1]["valid_to"] = "2026-04-01"

    def build(pairs=PAIRS, singles=SINGLES, length=3, sequences=(), new=(), **parameters):
        counts = some(product_pairs_daily, *pairs), some(product_baskets_daily, *singles)
        frames = (*counts, some(product_sequences_daily, *sequences), some(products, *versions, *new))
        rows = recommendations(*frames, feeds=(zenith,), length=length, **parameters).collect()
        lists = {}
        for row in sorted(rows, key=lambda row: row["rank"]):
            lists.setdefault((row.kind, row.product_id), []).append(row)
        return lists

    return build


def ids(rows):
    return [row.recommended_id for row in rows]


def test_a_list_has_partners_first_and_then_the_popular_products_of_the_category_and_the_shop(build):
    lists = build()

    assert ids(lists["together", "a"]) == ["b", "c", "e"]
    assert [row.source for row in lists["together", "a"]] == ["pairs", "pairs", "category"]
    assert ids(lists["together", "e"]) == ["a", "b", "c"]


def test_lists_are_full_and_have_no_product_twice_itself_or_one_that_is_not_sold(build):
    for (_, product), rows in build().items():
        assert [row["rank"] for row in rows] == [1, 2, 3]
        assert len(set(ids(rows)) - {product, "off", "gone"}) == 3


def test_a_shop_with_few_products_has_all_others_in_a_list(build):
    assert Counter(ids(build(length=10)["together", "a"])) == Counter(["b", "c", "d", "e"])


def test_reasons_name_the_count_and_the_lift(build):
    first, _, last = build()["together", "a"]

    assert first.reason.startswith("in one order 20 times, at least 1.")
    assert first.together == 20
    assert last.reason == "popular in the category in the last 30 days"
    assert (last.score, last.together) == (None, None)


def test_sessions_make_similar_products_and_recent_ones_count_more(build):
    days = {"b": "2026-05-01", "c": "2026-01-01"}
    pairs = [pair("a", product, 10, "session", day) for product, day in days.items()]
    viewed = [("a", "2026-05-01"), ("a", "2026-01-01"), *days.items()]
    singles = SINGLES + [single(product, 20, "session", day) for product, day in viewed]

    [first, second, _] = build(pairs, singles)["similar", "a"]

    assert (first.recommended_id, second.recommended_id) == ("b", "c")
    assert first.score > 2 * second.score
    assert first.reason.startswith("viewed in one session 10 times")


def test_the_bound_of_solved_products_leaves_full_lists_with_a_simple_score(build):
    rows = build(max_solved=0)["together", "a"]

    assert ids(rows) == ["b", "c", "e"]
    assert rows[0].score == pytest.approx(20 / (40 + 50), abs=1e-6)


def test_lists_do_not_depend_on_the_order_of_rows_or_the_split_by_day(build):
    halves = [pair("a", "b", 5, day="2026-05-01"), pair("a", "b", 15, day="2026-04-30")]
    singles = [row | {"basket_date": date(2026, 4, 30), "baskets": 0, "baskets_of_day": 0} for row in SINGLES]

    split = build([*PAIRS[:0:-1], *halves], [*SINGLES[::-1], *singles])

    assert split == build()


def test_what_is_bought_after_a_view_makes_next_and_has_a_direction(build):
    sequence = {"feed": "shop", "event_date": "2026-05-01", "viewed_id": "a", "bought_id": "c"}
    seen = [single(product, 20, "session") for product in "ac"]

    lists = build(singles=SINGLES + seen, sequences=[sequence | {"sessions": 8, "buying_sessions": 10}])

    [first, *_] = lists["next", "a"]
    assert (first.recommended_id, first.together, first.source) == ("c", 8, "pairs")
    assert first.score == pytest.approx(8 / (20 + 50), abs=1e-6)
    assert first.reason.startswith("bought after it was viewed in 8 sessions, at least ")
    assert ("next", "c") not in lists


def test_a_new_product_has_products_of_its_category_by_price(build):
    version = {"feed": "shop", "category": "toys", "is_available": True}
    prices = {"a": 40, "b": 11, "e": 9}
    known = [
        version | {"product_id": name, "price": price, "valid_from": "2026-02-01"} for name, price in prices.items()
    ]
    new = version | {"product_id": "new", "price": 10, "valid_from": "2026-04-20"}

    rows = build(new=[*known, new], length=4)["similar", "new"]

    assert ids(rows) == ["b", "e", "a", "c"]
    assert [row.source for row in rows] == ["price", "price", "price", "popular"]


def test_a_product_that_five_sessions_have_viewed_is_no_longer_new(build):
    new = {"feed": "shop", "product_id": "new", "category": "toys", "price": 10, "valid_from": "2026-04-20"}

    rows = build(singles=[*SINGLES, single("new", 5, "session")], new=[new])["similar", "new"]

    assert {row.source for row in rows} == {"category"}

import pytest

from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.silver.products import products
from shoplake.transforms.products.popularity import (
    find_current_products,
    keep_first_tier,
    rank_popular_products,
    union_plain,
)

VERSION = {"feed": "shop", "product_id": "a", "category": "toys", "valid_from": "2026-01-01", "is_available": True}
LATER = VERSION | {"valid_from": "2026-02-01", "category": "games"}
ENDED = {"valid_to": "2026-02-01"}


@pytest.mark.parametrize(
    ("versions", "is_sold"),
    [
        ([VERSION], True),
        ([VERSION | {"is_available": None}], True),
        ([VERSION | {"is_available": False}], False),
        ([VERSION | ENDED], False),
        ([VERSION | ENDED | {"is_available": False}, LATER], True),
    ],
)
def test_a_product_is_sold_if_its_current_version_is_available(some, versions, is_sold):
    [row] = find_current_products(some(products, *versions)).collect()

    assert (row.category, row.is_sold) == (versions[-1]["category"], is_sold)


def test_products_rank_by_recent_baskets_then_by_all_and_then_by_id(some):
    counts = [("a", "2026-05-01", 2), ("b", "2026-01-01", 9), ("c", "2026-04-02", 3), ("d", "2026-01-01", 9)]
    base = {"feed": "shop", "unit": "basket"}
    baskets = [base | {"product_id": name, "basket_date": day, "baskets": count} for name, day, count in counts]
    session = base | {"unit": "session", "product_id": "e", "basket_date": "2026-06-01", "baskets": 99}
    catalog = some(products, VERSION, VERSION | {"product_id": "d"}, VERSION | {"product_id": "b"})

    rows = rank_popular_products(some(product_baskets_daily, *baskets, session), catalog).collect()

    ranks = {row.product_id: (row.popular_rank, row.category_rank) for row in rows}
    assert ranks == {"c": (1, 1), "a": (2, 1), "b": (3, 2), "d": (4, 3)}


def test_products_that_are_not_sold_have_no_rank(some):
    basket = {"feed": "shop", "unit": "basket", "product_id": "a", "basket_date": "2026-05-01", "baskets": 2}

    rows = rank_popular_products(some(product_baskets_daily, basket), some(products, VERSION | ENDED))

    assert rows.collect() == []


def test_rows_of_columns_with_and_without_comments_are_united(spark):
    commented = spark.range(1).withMetadata("id", {"comment": "A number"})

    assert union_plain(commented, spark.range(2), ["id"]).count() == 3


def test_a_candidate_is_kept_once_from_its_first_tier_with_the_order_it_has_there(spark):
    rows = [("a", 0.5, 1, 9.0), ("a", None, 0, 7.0), ("a", None, 0, 8.0), ("b", None, 2, 1.0)]
    candidates = spark.createDataFrame(rows, "id string, score double, _tier int, _order double")

    kept = keep_first_tier(candidates, ["id"], ["score"], 3).collect()

    assert sorted((row.id, row.score, row._tier, row._order) for row in kept) == [
        ("a", 0.5, 0, 7.0),
        ("b", None, 2, 1.0),
    ]

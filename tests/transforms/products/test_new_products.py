import pytest

from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.silver.products import products
from shoplake.transforms.products.new_products import find_new_products, rank_by_price
from shoplake.transforms.products.popularity import rank_popular_products

TOY = {"feed": "shop", "category": "toys", "valid_from": "2026-04-20", "price": 10}
DAY = {"feed": "shop", "basket_date": "2026-05-01"}
BOUGHT = [DAY | {"unit": "basket", "product_id": name, "baskets": 9 - place} for place, name in enumerate("abcd")]


def test_new_products_are_young_have_a_category_and_a_price_and_were_hardly_viewed(some, zenith):
    versions = {
        "new": TOY,
        "local": TOY | {"valid_from": "2026-04-01 23:30"},
        "old": TOY | {"valid_from": "2026-04-01"},
        "seen": TOY,
        "free": TOY | {"price": 0},
        "loose": TOY | {"category": None},
    }
    views = [
        DAY | {"unit": "session", "product_id": name, "baskets": times} for name, times in (("new", 4), ("seen", 5))
    ]

    rows = find_new_products(
        some(products, *[{"product_id": name} | version for name, version in versions.items()]),
        some(product_baskets_daily, *BOUGHT, *views),
        (zenith,),
    ).collect()

    assert sorted(row.product_id for row in rows) == ["local", "new"]


def test_popular_products_of_the_category_are_ordered_by_the_ratio_of_prices(some, zenith):
    prices = {"a": 20, "b": 4, "c": 11, "d": 10}
    known = [TOY | {"product_id": name, "price": price, "valid_from": "2026-01-01"} for name, price in prices.items()]
    catalogue, baskets = some(products, *known, TOY | {"product_id": "new"}), some(product_baskets_daily, *BOUGHT)

    new = find_new_products(catalogue, baskets, (zenith,))
    rows = rank_by_price(new, rank_popular_products(baskets, catalogue), catalogue, 3).orderBy("_order").collect()

    assert [row.recommended_id for row in rows] == ["c", "a", "b"]
    assert [row["_order"] for row in rows] == pytest.approx([0.09531, 0.693147, 0.916291])

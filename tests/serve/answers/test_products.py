from collections import Counter
from datetime import date
from decimal import Decimal

from shoplake.serve.answers.products import (
    ProductQuery,
    ProductsQuery,
    bought_together,
    price_changes,
    product_days,
    product_returns,
    products,
    stock_outs,
)
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_marketing import affinity
from tests.serve.answers.small_shop import MemoryGeneration

APRIL = {"since": date(2026, 4, 1), "until": date(2026, 4, 30)}


def units(shop, month):
    counted = Counter()
    for line in shop.lines:
        if line["order_date"].month == month and not line["is_cancelled"]:
            counted[line["product_id"]] += line["quantity"]
    return counted


def test_products_have_their_units_and_names(generation, shop):
    rows = products(generation, ProductsQuery(**APRIL)).rows.to_pylist()

    assert {row["product_id"]: row["units"] for row in rows if row["units"]} == units(shop, 4)
    assert all(row["product_name"] == f"Lamp {row['product_id'][1:]}" for row in rows)


def test_rising_products_are_ordered_by_what_they_gained(generation):
    rows = products(generation, ProductsQuery(**APRIL, order_by="rising")).rows.to_pylist()

    gains = [row["net"] - (row["net_before"] or 0) for row in rows]
    assert gains == sorted(gains, reverse=True) and gains[0] > 0


def test_products_of_a_category_can_be_chosen(generation):
    rows = products(generation, ProductsQuery(category="Garden")).rows.to_pylist()

    assert {row["category"] for row in rows} == {"Garden"}


def test_the_days_of_a_product_add_up_to_its_sum(generation, shop):
    days = product_days(generation, ProductQuery("P4")).rows.to_pylist()

    assert sum(row["units"] for row in days) == sum(units(shop, month)["P4"] for month in (3, 4, 5))


def test_pairs_have_the_names_of_both_products(generation):
    [pair] = bought_together(generation, ProductQuery("P2")).rows.to_pylist()

    assert (pair["product_name_a"], pair["product_name_b"]) == ("Lamp 1", "Lamp 2")
    assert bought_together(generation, ProductQuery("P9")).rows.num_rows == 0


def test_days_without_stock_make_one_time(generation):
    [row] = stock_outs(generation, ProductQuery()).rows.to_pylist()

    assert (row["product_name"], row["days"], row["last_day"]) == ("Lamp 3", 3, date(2026, 4, 5))


def test_return_rates_and_price_changes_are_of_one_product(generation):
    assert product_returns(generation, ProductQuery("P4")).rows.num_rows == 1
    assert price_changes(generation, ProductQuery("P4")).rows.num_rows == 0


def test_pairs_that_avoid_each_other_are_not_bought_together(shop):
    [pair] = affinity()
    apart = pair | {"product_b": "P3", "lift": 0.7, "lift_low": 0.6, "rank": 2}
    generation = MemoryGeneration(gold_tables(shop) | {"gold.product_affinity": [apart, pair]})

    assert bought_together(generation, ProductQuery()).rows["product_b"].to_pylist() == ["P2"]


def test_prices_name_the_currency_of_the_feed(shop):
    sold = [row | {"currency": "JPY"} for row in gold_tables(shop)["gold.product_performance_daily"]]
    change = {"feed": "shop", "product_id": "P1", "change_date": shop.days[0], "new_price": 900}
    generation = MemoryGeneration(
        gold_tables(shop) | {"gold.product_performance_daily": sold, "gold.price_changes": [change]}
    )

    assert price_changes(generation, ProductQuery()).rows["currency"].to_pylist() == ["JPY"]


def test_a_product_that_sold_before_and_not_now_fell_to_zero(shop):
    day = {"feed": "shop", "event_date": shop.days[0], "product_id": "P1", "currency": "GBP", "views": 1}
    sold = [day | {"net": Decimal("9.00")}, day | {"product_id": "P2", "event_date": shop.days[1], "net": None}]
    generation = MemoryGeneration(gold_tables(shop) | {"gold.product_performance_daily": sold})
    query = ProductsQuery(shop.days[1], shop.days[1], compare="previous")

    found = {row["product_id"]: row for row in products(generation, query).rows.to_pylist()}

    assert (found["P1"]["net"], found["P1"]["net_change"]) == (0, -1.0)
    assert (found["P2"]["net"], found["P2"]["net_change"]) == (None, None)


def test_products_of_unknown_price_stand_before_those_that_were_only_seen():
    seen = {"feed": "shop", "event_date": date(2026, 4, 1), "views": 9, "orders": 0, "net": Decimal("0.00")}
    rows = [
        seen | {"product_id": "A"},
        seen | {"product_id": "B", "orders": 2, "net": None},
        seen | {"product_id": "C", "orders": 1, "net": Decimal("5.00")},
    ]
    sold = [{"feed": "shop", "sales_date": date(2026, 4, 1), "currency": "GBP", "orders": 3}]
    generation = MemoryGeneration({"gold.sales_daily": sold, "gold.product_performance_daily": rows})

    listed = products(generation, ProductsQuery()).rows.to_pylist()

    assert [(row["product_id"], row["net"]) for row in listed] == [("C", Decimal("5.00")), ("B", None), ("A", 0)]


def test_a_product_that_only_came_back_and_did_not_sell_before_falls(shop):
    first, day = shop.days[0], {"feed": "shop", "event_date": shop.days[1], "currency": "GBP", "orders": 1}
    sold = [
        day | {"product_id": "RETURNED", "orders": 0, "net": Decimal("-41.00")},
        day | {"product_id": "SOLD", "net": Decimal("9.00")},
        day | {"product_id": "UNKNOWN", "net": Decimal("9.00")},
        day | {"product_id": "UNKNOWN", "net": None, "event_date": first},
    ]
    generation = MemoryGeneration(gold_tables(shop) | {"gold.product_performance_daily": sold})

    query = ProductsQuery(shop.days[1], shop.days[1], "falling", compare="previous")
    rows = products(generation, query).rows.to_pylist()

    assert [(row["product_id"], row["net_before"], row["views_before"]) for row in rows] == [
        ("RETURNED", 0, 0),
        ("SOLD", 0, 0),
        ("UNKNOWN", None, 0),
    ]


def test_what_is_before_the_first_day_of_the_data_is_unknown_of_products(shop, generation):
    [row, *_] = products(generation, ProductsQuery(shop.days[0], shop.days[9])).rows.to_pylist()

    assert (row["net_before"], row["orders_before"], row["views_before"]) == (None, None, None)

from collections import Counter
from datetime import date
from decimal import Decimal

from shoplake.serve.answers.carts import CartListQuery, CartsQuery, cart_list, carts
from tests.serve.answers.small_shop import MemoryGeneration

MARCH, APRIL = (date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 4, 30))


def states(shop, start, end):
    return Counter(cart["state"] for cart in shop.carts if start <= cart["cart_date"] <= end)


def test_carts_are_counted_by_state_and_compared(generation, shop):
    rows = carts(generation, CartsQuery(*APRIL, compare="previous")).rows.to_pylist()

    assert {row["state"]: row["carts"] for row in rows} == states(shop, *APRIL)
    assert {row["state"]: row["carts_before"] for row in rows} == states(shop, *MARCH)


def test_the_carts_of_a_state_are_as_many_and_worth_as_much_as_its_number(generation):
    for row in carts(generation, CartsQuery(*APRIL)).rows.to_pylist():
        listed = cart_list(generation, CartListQuery(row["state"], *APRIL)).rows.to_pylist()

        assert (len(listed), sum(cart["value"] for cart in listed)) == (row["carts"], row["value"])


def test_days_that_are_in_the_year_before_too_are_counted_in_both(shop):
    days = [date(2025, 1, 10), date(2026, 1, 20), date(2027, 1, 20), date(2027, 1, 21)]
    sold = [{"feed": "shop", "sales_date": day, "currency": "GBP", "orders": 1} for day in days]
    left = [shop.carts[0] | {"cart_id": str(day), "cart_date": day, "state": "open"} for day in days[:-1]]
    generation = MemoryGeneration({"gold.sales_daily": sold, "gold.carts": left})

    query = CartsQuery(date(2026, 1, 10), date(2027, 1, 20), compare="last_year")
    [row] = carts(generation, query).rows.to_pylist()

    assert (row["carts"], row["carts_before"]) == (2, 2)


def test_the_value_of_carts_is_null_where_no_price_is_known_and_zero_without_carts(shop):
    cart, unknown = shop.carts[0], {"value": None, "state": "abandoned"}
    empty = cart | {"cart_id": "K1", "value": Decimal("0.00"), "state": "abandoned"}
    sold = [{"feed": "shop", "sales_date": cart["cart_date"], "currency": "GBP", "orders": 1}]
    left = [cart | {"state": "open"}, cart | {"cart_id": "K2"} | unknown, empty]
    generation = MemoryGeneration({"gold.sales_daily": sold, "gold.carts": left})

    rows = carts(generation, CartsQuery()).rows.to_pylist()

    assert {row["state"]: row["value"] for row in rows} == {"open": cart["value"], "abandoned": None}


def test_carts_before_the_first_day_of_the_data_are_unknown_and_not_none(generation, shop):
    rows = carts(generation, CartsQuery(shop.days[0], shop.days[9], compare="previous")).rows.to_pylist()

    assert {(row["carts_before"], row["value_before"]) for row in rows} == {(None, None)}


def test_a_state_that_no_cart_of_the_days_before_has_was_worth_nothing(shop):
    sold = [{"feed": "shop", "sales_date": day, "currency": "GBP", "orders": 1} for day in shop.days[:3]]
    left = [
        shop.carts[0] | {"cart_id": "K1", "cart_date": shop.days[0], "state": "abandoned"},
        shop.carts[0] | {"cart_id": "K2", "cart_date": shop.days[1], "state": "open"},
    ]
    generation = MemoryGeneration({"gold.sales_daily": sold, "gold.carts": left})

    rows = carts(generation, CartsQuery(shop.days[1], shop.days[1], compare="previous")).rows.to_pylist()

    assert [(row["carts_before"], row["value_before"]) for row in rows if row["state"] == "open"] == [(0, 0)]

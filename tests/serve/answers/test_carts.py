from collections import Counter
from datetime import date

from shoplake.serve.answers.carts import CartListQuery, CartsQuery, cart_list, carts

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

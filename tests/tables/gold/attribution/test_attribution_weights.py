from datetime import date

import pytest

from shoplake.tables.gold.attribution.attribution_weights import attribution_weights
from shoplake.tables.gold.attribution.channel_transitions import channel_transitions
from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.order_values import order_values

from .conftest import bought, visit


@pytest.fixture
def fitted(some, touched):
    """The weights fitted to sessions and orders."""

    def of(*visits, orders):
        inputs = some(order_values, *orders), some(purchases), touched(*visits)
        return attribution_weights(channel_transitions(*inputs)).collect()

    return of


MARCH = [
    visit("2026-03-01 09:00", "email"),
    visit("2026-03-02 09:00", "organic_search"),
    visit("2026-03-02 09:00", "organic_search", "bob"),
    visit("2026-03-03 09:00", "organic_search", "cat"),
    visit("2026-03-04 09:00", "email", "cat"),
]
ORDERS = [bought("o1", "2026-03-02 10:00"), bought("o2", "2026-03-05 10:00", customer="cat")]


def test_the_effects_are_those_of_paths_that_convert_and_that_do_not(fitted):
    rows = {row.channel: row for row in fitted(*MARCH, orders=ORDERS)}

    # start → email 1/3, organic 2/3; email → organic 1/2, order 1/2; organic → email 1/3, order 1/3, nothing 1/3
    # an order from email e = 1/2 + o/2, from organic o = 1/3 + e/3: e = 4/5, o = 3/5, from the start 2/3
    # without email: o = 1/3, 2/9 in all; without organic: e = 1/2, 1/6 in all
    effects = {"email": 1 - (2 / 9) / (2 / 3), "organic_search": 1 - (1 / 6) / (2 / 3)}
    assert {channel: row.removal_effect for channel, row in rows.items()} == pytest.approx(effects)
    assert sum(row.weight for row in rows.values()) == pytest.approx(1)


def test_a_month_is_used_for_the_next_and_the_first_one_for_itself_too(fitted):
    april = [visit("2026-04-01 09:00", "email"), visit("2026-05-01 09:00", "email")]

    rows = fitted(*MARCH, *april, orders=ORDERS)

    assert {(row.fit_month, row.first_date, row.last_date) for row in rows} == {
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 4, 30)),
        (date(2026, 4, 1), date(2026, 5, 1), date(2026, 5, 31)),
        (date(2026, 5, 1), date(2026, 6, 1), date(2026, 6, 30)),
    }


def test_after_an_order_a_new_path_begins(fitted):
    visits = [visit("2026-03-01 09:00", "email"), visit("2026-03-03 09:00", "organic_search")]

    rows = fitted(*visits, orders=[bought("o1", "2026-03-02 10:00")])

    assert {row.channel: row.removal_effect for row in rows} == pytest.approx({"email": 1, "organic_search": 0})

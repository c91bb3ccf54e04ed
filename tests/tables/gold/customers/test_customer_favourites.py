from datetime import date

import pytest

from shoplake.tables.gold.customers.customer_favourites import customer_favourites
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods

DAY = date(2026, 3, 1)
VALUE = {"feed": "shop", "customer_id": "ann", "kind": "sale", "is_cancelled": False, "order_date": DAY}
VALUE |= {"category": "lamps", "channel": "email", "net": "10.00", "currency": "GBP"}


@pytest.fixture
def build(some, zenith):
    """Category and channel, by customer."""

    def build(*lines, rates=()):
        rows = customer_favourites(some(order_values, *lines), some(exchange_rate_periods, *rates), feeds=(zenith,))
        return {row.customer_id: (row.favourite_category, row.favourite_channel) for row in rows.collect()}

    return build


def test_the_favourites_have_the_highest_net_and_not_the_most_lines(build):
    rug = VALUE | {"category": "rugs", "channel": "direct", "net": "25.00"}

    assert build(VALUE, VALUE, rug) == {"ann": ("rugs", "direct")}


def test_of_equal_ones_the_first_by_name_counts(build):
    assert build(VALUE, VALUE | {"category": "beds", "channel": "affiliate"}) == {"ann": ("beds", "affiliate")}


def test_unknown_categories_and_channels_are_no_favourites(build):
    unknown = VALUE | {"category": None, "channel": "(none)", "net": "99.00"}

    assert build(VALUE, unknown, unknown | {"customer_id": "bob"}) == {"ann": ("lamps", "email"), "bob": (None, None)}


def test_cancelled_orders_and_guests_do_not_count(build):
    assert build(VALUE | {"is_cancelled": True}, VALUE | {"customer_id": None}) == {}


def test_net_is_compared_in_the_currency_of_the_feed(build):
    yen = VALUE | {"category": "rugs", "net": "900.00", "currency": "JPY"}
    rate = {"feed": "shop", "currency": "JPY", "first_date": DAY, "rate": "0.005"}

    assert build(VALUE, yen, rates=[rate])["ann"][0] == "lamps"

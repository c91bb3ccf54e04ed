import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.declare import Feed
from shoplake.feeds import SHOPIFY
from shoplake.feeds.shopify import customers, products
from shoplake.tables.bronze.products_raw import products_raw

FEED = Feed("shop", SHOPIFY, "landing", "Europe/Berlin", "EUR")
PRODUCT = {"id": 7, "title": "Mug", "product_type": "Kitchen", "vendor": "Acme", "handle": "mug", "status": "active"}
PRODUCT |= {"updated_at": "2026-03-01T10:00:00+01:00", "published_at": "2026-01-01T10:00:00+01:00"}
PRODUCT |= {"variants": [{"id": 71, "price": "12.00", "sku": "MUG-B"}, {"id": 72, "price": "9.90", "sku": "MUG-R"}]}
CUSTOMER = {"id": 26, "email": "ann@shop.example", "phone": None, "state": "enabled"}
CUSTOMER |= {"created_at": "2026-02-28T23:30:00Z", "updated_at": "2026-03-01T10:00:00Z"}
CUSTOMER |= {"default_address": {"city": "Graz", "country_code": "AT", "phone": "+43 1"}}


@pytest.fixture
def only(arrived):
    """The one row that a mapping makes of a body."""

    def row(mapping, body):
        [made] = mapping(arrived(products_raw, json.dumps(body)), FEED).collect()
        return made

    return row


def test_a_product_costs_what_its_cheapest_variant_does(only):
    row = only(products, PRODUCT)

    assert (row.product_id, row.product_name, row.category, row.price) == ("7", "Mug", "Kitchen", Decimal("9.9"))
    assert row.attributes == {"vendor": "Acme", "handle": "mug", "sku": "MUG-B"}
    assert row.updated_at == datetime(2026, 3, 1, 9)


@pytest.mark.parametrize(
    ("output", "is_available"),
    [
        ({}, True),
        ({"status": "archived"}, False),
        ({"status": None}, True),
        ({"status": None, "published_at": None}, False),
    ],
)
def test_what_is_active_or_published_can_be_bought(only, output, is_available):
    assert only(products, PRODUCT | output).is_available is is_available


def test_a_customer_lives_at_the_default_address(only):
    row = only(customers, CUSTOMER)

    assert (row.customer_id, row.email, row.phone, row.location) == ("26", "ann@shop.example", "+43 1", "Graz, AT")
    assert (row.signup_date, row.updated_at) == (date(2026, 3, 1), datetime(2026, 3, 1, 10))


@pytest.mark.real_data
def test_real_products_keep_their_numbers_and_prices(arrived, real_data):
    bodies = json.loads((real_data / "shopify" / "py_products.json").read_text())

    rows = products(arrived(products_raw, *map(json.dumps, bodies)), FEED).collect()

    assert {(row.product_id, str(row.price)) for row in rows} == {(str(n), "199.0000") for n in (1, 2, 3, 4)}

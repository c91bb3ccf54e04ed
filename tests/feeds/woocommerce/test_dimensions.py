import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.declare import Feed
from shoplake.feeds import WOOCOMMERCE
from shoplake.feeds.woocommerce.dimensions import customers, products
from shoplake.tables.bronze.products_raw import products_raw

FEED = Feed("shop", WOOCOMMERCE, "landing", "Europe/Berlin", "EUR")
PRODUCT = {"id": 7, "name": "Mug", "type": "simple", "status": "publish", "sku": "MUG", "price": "9.90"}
PRODUCT |= {"stock_status": "instock", "date_modified_gmt": "2026-03-01T10:00:00"}
PRODUCT |= {"categories": [{"id": 3, "name": "Kitchen"}, {"id": 4, "name": "Gifts"}], "brands": [{"name": "Acme"}]}
CUSTOMER = {"id": 26, "email": "ann@shop.example", "date_created_gmt": "2026-02-28T23:30:00", "role": "customer"}
CUSTOMER |= {"date_modified_gmt": None, "billing": {"city": "Graz", "country": "AT", "phone": ""}}


@pytest.fixture
def only(arrived):
    """The one row that a mapping makes of a body."""

    def row(mapping, body):
        [made] = mapping(arrived(products_raw, json.dumps(body)), FEED).collect()
        return made

    return row


def test_a_product_has_its_first_category_and_brand(only):
    row = only(products, PRODUCT)

    assert (row.product_id, row.product_name, row.category, row.price) == ("7", "Mug", "Kitchen", Decimal("9.9"))
    assert row.attributes == {"sku": "MUG", "brand": "Acme", "type": "simple"}
    assert (row.updated_at, row._type_errors) == (datetime(2026, 3, 1, 10), [])


def test_an_empty_price_is_unknown(only):
    row = only(products, PRODUCT | {"price": ""})

    assert (row.price, row._type_errors) == (None, [])


@pytest.mark.parametrize(
    ("body", "is_available"),
    [({}, True), ({"status": "draft"}, False), ({"stock_status": "outofstock"}, False)],
)
def test_what_is_published_and_in_stock_can_be_bought(only, body, is_available):
    assert only(products, PRODUCT | body).is_available is is_available


def test_a_customer_that_never_changed_is_as_they_signed_up(only):
    row = only(customers, CUSTOMER)

    assert (row.customer_id, row.email, row.phone, row.location) == ("26", "ann@shop.example", None, "Graz, AT")
    assert (row.signup_date, row.updated_at) == (date(2026, 3, 1), datetime(2026, 2, 28, 23, 30))


def test_a_customer_without_an_address_has_no_location(only):
    assert only(customers, CUSTOMER | {"billing": {"city": "", "country": ""}}).location is None

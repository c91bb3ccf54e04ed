from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.silver.categories import categories
from shoplake.tables.silver.customers import customers
from shoplake.tables.silver.events import events
from shoplake.tables.silver.events_enriched import events_enriched
from shoplake.tables.silver.products import products

VIEW = {"feed": "shop", "product_id": "p1", "event_name": "product_view", "event_date": "2026-03-02", "quantity": 2}
LAMP = {"feed": "shop", "product_id": "p1"}
OLD = LAMP | {"product_name": "Lamp", "category": "Home", "parent_category": "All", "price": 8, "is_available": True}
OLD |= {"valid_from": "2026-03-01 00:00", "valid_to": "2026-03-02 12:00"}
LIGHT = {"feed": "shop", "category_id": "Light", "parent_id": "House"}
ANN = {"feed": "shop", "customer_id": "ann", "signup_date": date(2026, 3, 1)}
YORK = ANN | {"location": "York", "valid_from": "2026-03-01 00:00", "valid_to": "2026-03-02 12:00"}
LEEDS = ANN | {"location": "Leeds", "valid_from": "2026-03-02 12:00"}
NEW = LAMP | {"category": "Light", "price": 9, "is_available": False, "valid_from": "2026-03-02 12:00"}


@pytest.fixture
def enrich(some):
    """What was true of the product of events at these moments, of these products."""

    def build(*rows):
        views = [VIEW | {"event_id": f"e{n}", "event_at": at} | more for n, (at, more) in enumerate(rows)]
        read = some(events, *views), some(products, OLD, NEW), some(categories, LIGHT)
        return events_enriched(*read, some(customers, YORK, LEEDS)).orderBy("event_id").collect()

    return build


def test_an_event_has_the_product_version_of_its_time(enrich):
    [row] = enrich(("2026-03-02 11:59:59", {}))

    assert (row.item_category_id, row.parent_category_id, row.available, row.price) == ("Home", "All", True, Decimal(8))
    assert (row.event_id, row.product_name, row.quantity) == ("e0", "Lamp", 2)


def test_a_version_that_starts_at_the_event_time_counts_with_its_tree_parent(enrich):
    [row] = enrich(("2026-03-02 12:00", {}))

    assert (row.item_category_id, row.parent_category_id, row.available) == ("Light", "House", False)


@pytest.mark.parametrize(
    "row", [("2026-02-28 23:59", {}), ("2026-03-05 00:00", {"product_id": "p2"}), ("2026-03-05 00:00", {"feed": "s"})]
)
def test_an_event_before_all_versions_or_of_another_product_has_no_version(enrich, row):
    [result] = enrich(row)

    assert (result.event_id, result.item_category_id, result.price) == ("e0", None, None)


def test_an_event_without_a_product_has_no_version(enrich):
    [result] = enrich(("2026-03-05 00:00", {"product_id": None}))

    assert (result.event_id, result.available) == ("e0", None)


@pytest.mark.parametrize(("at", "location"), [("11:59:59", "York"), ("12:00", "Leeds")])
def test_an_event_has_the_customer_version_of_its_time(enrich, at, location):
    [row] = enrich((f"2026-03-02 {at}", {"customer_id": "ann"}))

    assert (row.customer_location, row.signup_date, row.product_name is None) == (
        location,
        date(2026, 3, 1),
        at == "12:00",
    )


@pytest.mark.parametrize("more", [{}, {"customer_id": "bob"}, {"customer_id": "ann", "feed": "other"}])
def test_an_event_of_no_customer_on_record_has_none_of_the_customer(enrich, more):
    [row] = enrich(("2026-03-03 00:00", more))

    assert (row.event_id, row.customer_location, row.signup_date) == ("e0", None, None)


def test_an_event_before_the_customers_record_has_none_of_the_customer(enrich):
    [row] = enrich(("2026-02-28 23:59", {"customer_id": "ann"}))

    assert (row.customer_id, row.customer_location) == ("ann", None)

from datetime import date, timedelta

import pytest

from shoplake.tables.gold.products.price_changes import price_changes
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

DAY = date(2026, 3, 20)
SALE = {"feed": "shop", "order_id": "o1", "product_id": "p1", "kind": "sale", "line_class": "goods", "quantity": 1}


def version(since, price, product="p1"):
    return {"feed": "shop", "product_id": product, "valid_from": f"{since} 12:00:00", "price": price}


def sold(day, quantity, **more):
    return SALE | {"order_date": DAY + timedelta(days=day), "quantity": quantity} | more


@pytest.fixture
def build(some, zenith):
    """The price changes of versions and lines, by day."""

    def build(versions, lines=(), **parameters):
        rows = price_changes(some(products, *versions), some(order_lines, *lines), feeds=(zenith,), **parameters)
        return {row.change_date: row for row in rows.collect()}

    return build


CHANGED = [version("2026-01-01", "10"), version("2026-03-20", "12.5")]


def test_pieces_are_those_of_the_days_around_the_change_without_its_own(build):
    lines = [sold(day, 2 ** (day + 8)) for day in range(-8, 9)]

    row = build(CHANGED, lines)[DAY]

    assert (row.old_price, row.new_price, row.change_ratio) == (10, 12.5, 0.25)
    assert row.units_before == sum(2 ** (day + 8) for day in range(-7, 0))
    assert row.units_after == sum(2 ** (day + 8) for day in range(1, 8))


def test_what_is_cancelled_returned_or_another_product_is_not_counted(build):
    others = [sold(-1, 5, status="cancelled"), sold(-1, -5, kind="return"), sold(-1, 5, product_id="p2")]

    row = build(CHANGED, [sold(1, 3), *others])[DAY]

    assert (row.units_before, row.units_after) == (0, 3)


@pytest.mark.parametrize(("first", "last", "is_complete"), [(-7, 7, True), (-6, 7, False), (-7, 6, False)])
def test_a_change_is_complete_if_the_orders_reach_around_it(build, first, last, is_complete):
    assert build(CHANGED, [sold(first, 1), sold(last, 1)])[DAY].is_complete is is_complete


def test_the_same_price_or_a_first_price_is_no_change(build):
    versions = [version("2026-01-01", None), version("2026-02-01", "10"), version("2026-03-01", "10")]

    assert build(versions) == {}


def test_another_change_in_these_days_is_marked(build):
    versions = [*CHANGED, version("2026-03-27", "11"), version("2026-04-20", "10")]

    rows = build(versions)

    assert [rows[day].has_other_change for day in sorted(rows)] == [True, True, False]
    assert {row.is_complete for row in rows.values()} == {False}

from datetime import date, timedelta

import pytest

from shoplake.tables.gold.products.stockout_days import stockout_days
from shoplake.tables.gold.sales.product_performance_daily import product_performance_daily
from shoplake.tables.silver.products import products

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 20)


def version(since, until, is_available, **more):
    cells = {"feed": "shop", "product_id": "p1", "valid_from": since, "valid_to": until, "is_available": is_available}
    return cells | more


def day(number, units=0, views=0, product="p1"):
    on = FIRST + timedelta(days=number - 1)
    return {"feed": "shop", "product_id": product, "event_date": on, "units": units, "views": views}


SPAN = [day(1, product="other"), day(20, product="other")]


@pytest.fixture
def build(some, zenith):
    """The days of versions and daily performance, by number in March."""

    def build(versions, performance=(), **parameters):
        read = some(products, *versions), some(product_performance_daily, *SPAN, *performance)
        rows = stockout_days(*read, feeds=(zenith,), **parameters).collect()
        return {row.stockout_date.day: row for row in sorted(rows, key=lambda row: row.stockout_date)}

    return build


OUT = version("2026-03-05 15:00:00", "2026-03-08 09:00:00", False)


def test_days_are_those_from_the_outage_to_its_end(build):
    rows = build([version("2026-01-01 00:00:00", "2026-03-05 15:00:00", True), OUT])

    assert {number: row.is_whole_day for number, row in rows.items()} == {5: False, 6: True, 7: True, 8: False}
    assert {row.started_on for row in rows.values()} == {date(2026, 3, 5)}


def test_an_outage_from_midnight_to_midnight_has_whole_days_alone(build):
    """In London, an hour before UTC's midnight in summer."""
    winter = build([version("2026-03-05 00:00:00", "2026-03-08 00:00:00", False)])
    summer = build([version("2026-03-30 23:00:00", "2026-04-02 23:00:00", False)], [day(40)])

    assert {number: row.is_whole_day for number, row in winter.items()} == {5: True, 6: True, 7: True}
    assert {str(row.stockout_date): row.is_whole_day for row in summer.values()} == {
        "2026-03-31": True,
        "2026-04-01": True,
        "2026-04-02": True,
    }


def test_an_outage_that_has_no_end_lasts_as_long_as_the_data(build):
    rows = build([version("2026-03-18 15:00:00", None, False)])

    assert {number: row.is_whole_day for number, row in rows.items()} == {18: False, 19: True, 20: True}


def test_an_outage_before_the_data_begins_on_their_first_day(build):
    assert list(build([version("2026-02-01 00:00:00", "2026-03-02 09:00:00", False)])) == [1, 2]


def test_versions_that_follow_each_other_are_one_outage(build):
    later = version("2026-03-06 12:00:00", "2026-03-08 09:00:00", False, price="3")

    rows = build([OUT | {"valid_to": "2026-03-06 12:00:00"}, later])

    assert {number: row.is_whole_day for number, row in rows.items()} == {5: False, 6: True, 7: True, 8: False}


def test_a_product_that_is_gone_and_comes_back_was_out_of_stock(build):
    rows = build(
        [version("2026-01-01 00:00:00", "2026-03-05 15:00:00", True), version("2026-03-08 09:00:00", None, None)]
    )

    assert {number: row.is_whole_day for number, row in rows.items()} == {5: False, 6: True, 7: True, 8: False}


def test_a_product_that_is_gone_for_good_is_delisted(build):
    assert build([version("2026-01-01 00:00:00", "2026-03-05 15:00:00", True)]) == {}


def test_a_product_that_does_not_say_is_available(build):
    assert build([version("2026-03-05 15:00:00", None, None)]) == {}


def test_a_day_has_its_views_and_pieces_and_those_usual_before(build):
    performance = [day(1, units=2), day(4, units=6), day(6, views=9, units=1), day(5, units=99)]

    rows = build([OUT], performance)

    assert [(row.views, row.units) for row in rows.values()] == [(0, 99), (9, 1), (0, 0), (0, 0)]
    assert {row.usual_units for row in rows.values()} == {8 / 4}


def test_usual_pieces_are_those_of_the_days_before_alone(build):
    row = build([OUT], [day(1, units=2), day(4, units=6)], days=2)[5]

    assert row.usual_units == 6 / 2

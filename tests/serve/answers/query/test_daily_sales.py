from datetime import date
from decimal import Decimal

import pytest

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.serve.answers.query.build import build_answer
from shoplake.serve.answers.query.daily_sales import average, find_daily_sales
from shoplake.serve.answers.query.ranges import find_range, find_scope, split_range
from shoplake.serve.answers.sales import SalesQuery, _parameters, _sql, sales
from tests.serve.fake_store import FakeGeneration

SALES = Catalog.from_package(tables).get("gold.sales_daily")
ZEROS = {each.name: 0 for each in SALES.columns if each.type == "bigint" or each.type.startswith("decimal")}


def day(number, month=3, **values):
    return ZEROS | {"feed": "shop", "currency": "GBP", "sales_date": date(2026, month, number)} | values


@pytest.fixture(scope="module")
def few():
    """Sales on three days: one of unknown cost, one in another currency, and days without any between them."""
    unknown = {"cost": None, "margin": None}
    rows = [
        day(2, orders=3, gross_sales=Decimal("100.00"), discounts=Decimal("0.01"), net_sales=Decimal("99.99")),
        day(9, orders=1, gross_sales=Decimal("5.50"), net_sales=Decimal("5.50"), **unknown),
        day(9, orders=7, currency="EUR", net_sales=Decimal("70.00")),
        day(1, month=4, orders=2, gross_sales=Decimal("-3.25"), net_sales=Decimal("-3.25"), **unknown),
    ]
    return FakeGeneration(rows={SALES: rows, FUNNEL: []})


FUNNEL = Catalog.from_package(tables).get("gold.funnel_daily")


@pytest.mark.parametrize("grain", ["day", "week", "month", "total"])
@pytest.mark.parametrize("range", [{}, {"since": date(2026, 3, 9)}, {"since": date(2025, 1, 1)}])
@pytest.mark.parametrize("currency", ["GBP", "EUR"])
def test_sums_in_memory_are_those_of_the_query(few, grain, range, currency):
    query = SalesQuery(grain=grain, feed="shop", currency=currency, **range)
    scope = find_scope(few, "shop", currency)
    buckets = split_range(scope, *find_range(scope, query.since, None), grain, "none")

    found = sales(few, query)

    assert found == build_answer(few, "gold.sales_daily", _sql(query), _parameters(query, scope, buckets))


def test_a_generation_is_read_once(few, monkeypatch):
    first = find_daily_sales(few, "shop", "GBP")
    monkeypatch.setattr(few, "query", None)

    assert find_daily_sales(few, "shop", "GBP") is first


def test_a_measure_that_is_null_on_all_days_is_null(few):
    days, april = find_daily_sales(few, "shop", "GBP"), date(2026, 4, 1)

    assert days.add_up([(date(2026, 3, 9), april), (date(2026, 3, 2), april)])["cost"] == [None, 0]


@pytest.mark.parametrize("compare", ["none", "previous"])
def test_days_without_orders_make_no_unknown_cost_zero(compare):
    sold = day(2, orders=3, net_sales=Decimal("9.00"), cost=None, margin=None)
    generation = FakeGeneration(rows={SALES: [sold, day(3), day(4, orders=1, cost=None, margin=None)], FUNNEL: []})

    [row] = sales(generation, SalesQuery(grain="total", compare=compare)).rows.to_pylist()

    assert (row["cost"], row["margin"], row["net_sales"]) == (None, None, 9)


@pytest.mark.parametrize("compare", ["none", "previous"])
def test_a_discount_without_goods_is_no_margin_where_no_cost_is_known(compare):
    sold = {"orders": 3, "net_sales": Decimal("9.00"), "cost": None}
    rows = [day(2, **sold, margin=None), day(3, **sold, margin=Decimal("-2.00")), day(4, **sold, margin=None)]
    generation = FakeGeneration(rows={SALES: rows, FUNNEL: []})

    [row] = sales(generation, SalesQuery(grain="total", compare=compare)).rows.to_pylist()

    assert (row["cost"], row["margin"]) == (None, None)


def test_an_unknown_feed_has_no_sales(few):
    days = find_daily_sales(few, "other", None)

    assert days.add_up([(date(2026, 1, 1), date(2026, 12, 31))])["orders"] == [0]


def test_an_average_has_two_decimals_and_needs_orders():
    assert (average(1000, 1, 3), average(1000, 0, 0), average(None, 0, 1)) == (333, None, None)


def test_half_a_hundredth_is_rounded_away_from_zero():
    assert (average(-325, 0, 2), average(325, 0, 2)) == (-163, 163)

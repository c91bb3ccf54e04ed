from datetime import date, timedelta
from decimal import Decimal

import pytest

from shoplake.serve.answers.sales import SalesLinesQuery, SalesQuery, sales, sales_lines
from tests.serve.answers.small_gold import sales as sales_daily
from tests.serve.answers.small_shop import FIRST, LAST, MemoryGeneration

APRIL = {"since": date(2026, 4, 1), "until": date(2026, 4, 30)}


def net(shop, start, end, currency="GBP", line_is=lambda line: True):
    sold = shop.sold(line_is)
    return sum((amount for (day, unit), amount in sold.items() if unit == currency and start <= day <= end), Decimal())


def rows(generation, **query):
    return sales(generation, SalesQuery(**query)).rows.to_pylist()


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_each_period_has_the_net_sales_of_its_days(generation, shop, grain):
    answer = rows(generation, grain=grain)

    assert [row["net_sales"] for row in answer] == [net(shop, r["period_start"], r["period_end"]) for r in answer]


def test_periods_cover_every_day_once(generation):
    answer = rows(generation, grain="week")

    days = [
        r["period_start"] + timedelta(n) for r in answer for n in range((r["period_end"] - r["period_start"]).days + 1)
    ]
    assert days == [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]


def test_a_comparison_has_the_sums_of_the_days_before(generation, shop):
    [row] = rows(generation, **APRIL, grain="total", compare="previous")

    before = net(shop, date(2026, 3, 1), date(2026, 3, 31))
    assert (row["net_sales_before"], row["before_start"]) == (before, date(2026, 3, 1))
    assert row["net_sales_change"] == pytest.approx(float(row["net_sales"] / before - 1))


def test_an_unfinished_day_is_marked_and_has_no_change(generation):
    answer = rows(generation, since=date(2026, 5, 1), compare="previous")

    assert [(row["is_complete"], row["net_sales_change"] is None) for row in answer] == [(True, False), (False, True)]


def test_the_change_of_an_unfinished_period_compares_whole_days(generation, shop):
    [row] = rows(generation, since=date(2026, 4, 23), until=LAST, grain="total", compare="previous")

    now, before = net(shop, date(2026, 4, 23), date(2026, 5, 1)), net(shop, date(2026, 4, 13), date(2026, 4, 21))
    assert row["net_sales_change"] == pytest.approx(float(now / before - 1))


@pytest.mark.parametrize("by", ["country", "category", "channel"])
def test_a_breakdown_has_the_sums_of_each_value_and_adds_up(generation, shop, by):
    answer = rows(generation, **APRIL, grain="total", by=by)

    assert [row["net_sales"] for row in answer] == [
        net(shop, *APRIL.values(), line_is=lambda line, row=row: line[by] == row[by]) for row in answer
    ]
    assert sum(row["net_sales"] for row in answer) == net(shop, *APRIL.values())


def test_a_breakdown_by_currency_adds_nothing_over_currencies(generation, shop):
    answer = rows(generation, grain="total", by="currency")

    assert {row["currency"]: row["net_sales"] for row in answer} == {
        currency: net(shop, FIRST, LAST, currency) for currency in ("GBP", "EUR")
    }


def test_one_value_of_a_dimension_can_be_chosen(generation, shop):
    [row] = rows(generation, grain="total", by="country", only="DE")

    assert row["net_sales"] == net(shop, FIRST, LAST, line_is=lambda line: line["country"] == "DE")


def test_money_is_decimal(generation):
    answer = sales(generation, SalesQuery(compare="previous"))

    assert str(answer.rows.schema.field("net_sales").type) == "decimal128(18, 2)"


def test_days_without_sales_are_zero(generation):
    [row] = rows(generation, since=date(2025, 1, 1), until=date(2025, 1, 1))

    assert (row["orders"], row["net_sales"], row["average_order_value"]) == (0, Decimal("0.00"), None)


def test_the_lines_behind_a_number_add_up_to_it(generation, shop):
    sold = sales_lines(generation, SalesLinesQuery(**APRIL)).rows.to_pylist()
    back = sales_lines(generation, SalesLinesQuery(**APRIL, kind="return")).rows.to_pylist()

    assert sum(r["gross"] - r["discount"] for r in sold) - sum(r["returned"] for r in back) == net(
        shop, *APRIL.values()
    )


def test_a_return_line_has_its_day_and_that_of_its_order(generation, shop):
    [row, *_] = sales_lines(generation, SalesLinesQuery(kind="return")).rows.to_pylist()

    [line] = [x for x in shop.lines if (x["order_id"], x["line_number"]) == (row["order_id"], row["line_number"])]
    assert (row["order_date"], row["return_date"]) == (line["order_date"], line["returns"][0]["return_date"])


def test_a_limit_says_that_it_cut_the_rows(generation):
    answer = sales_lines(generation, SalesLinesQuery(limit=5))

    assert (answer.rows.num_rows, answer.is_truncated) == (5, True)


def test_a_return_without_its_sale_is_no_sold_line(shop):
    line = next(each for each in shop.lines if each["order_date"] == date(2026, 4, 3))
    alone = line | {"order_id": "R1", "kind": "return", "quantity": 0, "gross": Decimal(0), "discount": Decimal(0)}
    generation = MemoryGeneration({"gold.sales_daily": sales_daily(shop), "gold.order_values": [line, alone]})

    rows = sales_lines(generation, SalesLinesQuery(currency="all")).rows

    assert rows["order_id"].to_pylist() == [line["order_id"]]


def test_the_lines_of_all_currencies_are_those_of_each(generation, shop):
    rows = sales_lines(generation, SalesLinesQuery(currency="all", limit=100_000)).rows

    counted = [sales_lines(generation, SalesLinesQuery(currency=unit, limit=100_000)).rows for unit in ("GBP", "EUR")]
    assert rows.num_rows == sum(each.num_rows for each in counted) > counted[0].num_rows > 0


def test_sales_have_no_change_from_days_with_more_returns_than_sales(shop):
    before, now = (next(each for each in sales_daily(shop) if each["sales_date"] == FIRST) for _ in range(2))
    before = before | {"sales_date": date(2026, 4, 1), "net_sales": Decimal(-5)}
    now = now | {"sales_date": date(2026, 4, 2), "net_sales": Decimal(100), "currency": before["currency"]}
    last = now | {"sales_date": date(2026, 4, 3)}
    generation = MemoryGeneration({"gold.sales_daily": [before, now, last]})

    query = SalesQuery(since=date(2026, 4, 2), until=date(2026, 4, 2), grain="total", compare="previous")
    [row] = sales(generation, query).rows.to_pylist()

    assert (row["net_sales_before"], row["net_sales_change"]) == (Decimal(-5), None)


@pytest.mark.parametrize("by", ["none", "country"])
def test_days_without_sales_are_compared_as_zero(shop, by):
    first, second, third = (FIRST + timedelta(n) for n in range(3))
    sold = {"feed": "shop", "currency": "GBP", "orders": 2, "net_sales": Decimal("8.00")}
    days = [sold | {"sales_date": day} for day in (first, third, third + timedelta(1))]
    parts = [day | {"country": "GB"} for day in days]
    generation = MemoryGeneration({"gold.sales_daily": days, "gold.sales_by_country_daily": parts})

    [quiet] = rows(generation, since=second, until=second, grain="total", compare="previous", by=by)
    [busy] = rows(generation, since=third, until=third, grain="total", compare="previous", by=by)

    assert (quiet["net_sales"], quiet["net_sales_change"], quiet["orders_change"]) == (0, -1.0, -1.0)
    assert (busy["net_sales_before"], busy["orders_before"], busy["net_sales_change"]) == (0, 0, None)

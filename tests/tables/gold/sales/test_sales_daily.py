from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.gold.sales.sales_daily import sales_daily
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines

from .shop import new_lake

SALE = {
    "feed": "shop",
    "order_id": "o1",
    "order_date": "2026-03-01",
    "kind": "sale",
    "line_class": "goods",
    "customer_id": "c1",
    "quantity": 2,
    "amount": "20.00",
}
DISCOUNT = SALE | {"kind": "adjustment", "line_class": "discount", "quantity": 1, "amount": "-3.00"}
SHIPPING = SALE | {"line_class": "shipping", "quantity": 1, "amount": "4.95"}
RETURN = SALE | {"kind": "return", "quantity": -1, "amount": "-10.00"}


@pytest.fixture
def build(some, zenith):
    """The days of sales of a feed in GBP, in order."""

    def build(*lines, values=()):
        known = some(order_lines, *lines)
        values = some(order_values, *values)
        rows = sales_daily(known, cancelled_order_refunds(known), values, feeds=(zenith,))
        return rows.orderBy("feed", "sales_date", "currency").collect()

    return build


def test_a_day_is_summed_line_by_line(build):
    second = SALE | {"order_id": "o2", "customer_id": "c2", "quantity": 1, "amount": "5.55"}

    [day] = build(SALE, SALE, second, DISCOUNT, SHIPPING, SALE | {"line_class": "other", "amount": "1.00"})

    assert (day.feed, day.sales_date) == ("shop", date(2026, 3, 1))
    assert (day.orders, day.customers, day.units_sold) == (2, 2, 5)
    assert (day.gross_sales, day.discounts, day.returns) == (Decimal("45.55"), Decimal("3.00"), Decimal("0.00"))
    assert (day.net_sales, day.shipping, day.other) == (Decimal("42.55"), Decimal("4.95"), Decimal("1.00"))
    assert day.average_order_value == Decimal("21.28")  # 42.55 / 2, half up


def test_a_return_counts_on_its_own_day(build):
    [sold, returned] = build(SALE, RETURN | {"order_date": "2026-03-05"})

    assert (sold.net_sales, sold.returns) == (Decimal("20.00"), Decimal("0.00"))
    assert (returned.returns, returned.net_sales, returned.gross_sales) == (
        *(Decimal("10.00"), Decimal("-10.00")),
        Decimal("0.00"),
    )
    assert (returned.orders, returned.units_sold, returned.average_order_value) == (0, 0, None)


def test_the_refund_of_a_cancelled_order_is_no_return(build):
    cancelled = SALE | {"document_id": "o1", "status": "cancelled"}
    refund = RETURN | {"document_id": "r1", "order_date": "2026-03-02"}
    freight = refund | {"line_class": "shipping", "amount": "-4.95", "tax": "-0.50"}

    [ordered, refunded] = build(cancelled, refund, freight)

    assert (ordered.gross_sales, ordered.returns, ordered.net_sales) == (0, 0, 0)
    assert (ordered.cancelled_orders, ordered.cancelled_sales) == (1, Decimal("20.00"))
    assert (refunded.returns, refunded.net_sales, refunded.shipping, refunded.tax) == (0, 0, 0, None)


def test_returns_do_not_lower_the_average_order_value(build):
    [day] = build(SALE, DISCOUNT, RETURN)

    assert (day.average_order_value, day.net_sales) == (Decimal("17.00"), Decimal("7.00"))


def test_guests_orders_count_and_guests_are_no_known_customers(build):
    [day] = build(SALE | {"customer_id": None}, SALE | {"order_id": "o2"})

    assert (day.orders, day.customers, day.gross_sales) == (2, 1, Decimal("40.00"))


def test_only_an_order_with_a_goods_sale_is_an_order(build):
    [day] = build(SALE, SHIPPING | {"order_id": "o2"}, RETURN | {"order_id": "o3"})

    assert (day.orders, day.customers) == (1, 1)


def test_a_discount_refunded_and_shipping_paid_back_lower_their_sums(build):
    [day] = build(DISCOUNT, DISCOUNT | {"kind": "return", "amount": "-1.50"}, SHIPPING, SHIPPING | {"amount": "-4.00"})

    assert (day.discounts, day.shipping, day.average_order_value) == (Decimal("4.50"), Decimal("0.95"), None)


def test_cents_are_rounded_once_at_the_end(build):
    [day] = build(*[SALE | {"amount": "0.0040"}] * 3)

    assert day.gross_sales == Decimal("0.01")


def test_feeds_are_summed_separately(build):
    assert [(day.feed, day.orders) for day in build(SALE, SALE | {"feed": "other"})] == [("other", 1), ("shop", 1)]


def test_a_thousand_of_three_currencies_are_three_rows_and_no_sum(build):
    days = build(*[SALE | {"order_id": code, "currency": code, "amount": "1000"} for code in ("GBP", "EUR", "JPY")])

    assert [(day.currency, day.orders, day.gross_sales, day.average_order_value) for day in days] == [
        (code, 1, Decimal("1000.00"), Decimal("1000.00")) for code in ("EUR", "GBP", "JPY")
    ]


def test_a_line_without_a_currency_has_that_of_the_feed(build):
    [day] = build(SALE, SALE | {"currency": "GBP"}, SALE | {"currency": "gbp"})

    assert (day.currency, day.gross_sales) == ("GBP", Decimal("60.00"))


def test_unknown_prices_make_null_money(build):
    [day] = build(SALE | {"amount": None}, SHIPPING)

    assert (day.orders, day.units_sold, day.shipping) == (1, 2, Decimal("4.95"))
    assert (day.gross_sales, day.net_sales, day.average_order_value) == (None, None, None)


def test_known_prices_count_beside_unknown_ones(build):
    [day] = build(SALE, SALE | {"amount": None})

    assert (day.gross_sales, day.net_sales, day.returns) == (Decimal("20.00"), Decimal("20.00"), Decimal("0.00"))


VALUE = {"feed": "shop", "order_id": "o1", "kind": "sale", "order_date": "2026-03-01", "is_cancelled": False}
VALUE |= {"quantity": 2, "gross": "20.00", "discount": "0", "cost": "8.00", "margin": "12.00", "unit_cost": "4.00"}
VALUE |= {"customer_id": "c1", "is_first_order": True, "returns": [], "currency": "GBP"}


def test_first_orders_cost_and_margin_are_those_of_the_order_values(build):
    second = VALUE | {"order_id": "o2", "is_first_order": False}

    [day] = build(SALE, values=[VALUE, VALUE, second])

    assert (day.first_orders, day.cost, day.margin) == (1, Decimal("24.00"), Decimal("36.00"))


def test_the_margin_of_a_return_of_unknown_cost_is_unknown(build):
    back = {"return_date": date(2026, 3, 1), "quantity": 1, "amount": Decimal("10.00"), "tax": None}
    value = VALUE | {"kind": "return", "quantity": 0, "gross": "0", "cost": "0", "margin": "0", "unit_cost": None}

    [day] = build(RETURN, values=[value | {"returns": [back]}])

    assert (day.returns, day.cost, day.margin) == (Decimal("10.00"), None, None)


def test_a_day_with_nothing_but_shipping_has_no_cost(build):
    [day] = build(SHIPPING)

    assert (day.first_orders, day.cost, day.margin) == (0, Decimal("0.00"), Decimal("0.00"))


def test_values_join_days_whose_currency_is_unknown_on_both_sides(some, retailrocket):
    shop = replace(retailrocket, currency=None)

    known, values = some(order_lines, SALE), some(order_values, VALUE | {"currency": None})
    rows = sales_daily(known, cancelled_order_refunds(known), values, feeds=(shop,))

    assert [(row.currency, row.first_orders) for row in rows.collect()] == [(None, 1)]


def test_no_lines_no_days(build):
    assert build() == []


@pytest.mark.sample
@pytest.mark.parametrize("table", ["sales_daily", "sales_by_category_daily", "sales_by_country_daily"])
def test_wrong_answer_2_sales_of_a_day_are_those_of_the_orders_behind_it(shop, table):
    """By whatever they are broken down, the sales of a day are the sum over the lines of its orders."""
    day = "GROUP BY 1, 2 HAVING sum({0}) <> 0 ORDER BY 1, 2"
    columns = "currency, cast(sum({0}) AS decimal(18,2)) AS total"
    shown = f"SELECT sales_date, {columns} FROM gold.{table} {day}".format("gross_sales")
    lines = f"SELECT order_date, {columns} FROM gold.order_values WHERE kind = 'sale' AND NOT is_cancelled {day}"

    lake = new_lake(shop)
    rows, behind = ([tuple(row) for row in lake.sql(query).collect()] for query in (shown, lines.format("gross")))

    assert rows == behind
    assert len(rows) == 5

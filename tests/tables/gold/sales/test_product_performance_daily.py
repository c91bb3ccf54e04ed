from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.sales.product_performance_daily import product_performance_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines

SEEN = {"feed": "shop", "event_date": "2026-03-01", "product_id": "p1", "visitor_id": "ann", "is_bot": False}
VIEW, CART = SEEN | {"event_name": "product_view"}, SEEN | {"event_name": "add_to_cart"}
SOLD = {
    "feed": "shop",
    "order_id": "o1",
    "order_date": "2026-03-01",
    "product_id": "p1",
    "kind": "sale",
    "line_class": "goods",
    "quantity": 2,
    "amount": "20.00",
}
RETURNED = SOLD | {"kind": "return", "quantity": -1, "amount": "-10.00"}


@pytest.fixture
def build(some, zenith):
    """The performance of events and order lines of a feed in GBP, best first within a day."""

    def build(seen=(), sold=(), rates=()):
        lines = some(order_lines, *sold)
        read = some(events, *seen), lines, cancelled_order_refunds(lines), some(exchange_rate_periods, *rates)
        rows = product_performance_daily(*read, feeds=(zenith,))
        return rows.orderBy("feed", "event_date", "sales_rank").collect()

    return build


def test_a_products_day_has_its_views_and_its_sales(build):
    [day] = build([VIEW, VIEW, VIEW | {"visitor_id": "bob"}, CART], [SOLD, SOLD, SOLD | {"order_id": "o2"}, RETURNED])

    assert (day.feed, day.product_id, day.event_date) == ("shop", "p1", date(2026, 3, 1))
    assert (day.views, day.viewers, day.approx_viewers, day.carts) == (3, 2, 2, 1)
    assert (day.orders, day.units, day.conversion) == (2, 6, 1.0)
    assert (day.gross, day.returns, day.net) == (Decimal("60.00"), Decimal("10.00"), Decimal("50.00"))


def test_a_product_only_viewed_or_only_sold_has_zeros(build):
    [sold, seen] = build([VIEW], [SOLD | {"product_id": "p2"}])

    assert (sold.product_id, sold.views, sold.viewers, sold.carts, sold.conversion) == ("p2", 0, 0, 0, None)
    assert (seen.product_id, seen.orders, seen.units, seen.gross, seen.net, seen.conversion) == (
        *("p1", 0, 0),
        *(Decimal("0.00"), Decimal("0.00"), 0.0),
    )


def test_a_return_counts_on_its_own_day(build):
    [sold, returned] = build((), [SOLD, RETURNED | {"order_date": "2026-03-05"}])

    assert (sold.returns, sold.net) == (Decimal("0.00"), Decimal("20.00"))
    assert (returned.event_date.day, returned.orders, returned.units, returned.returns, returned.net) == (
        *(5, 0, 0),
        *(Decimal("10.00"), Decimal("-10.00")),
    )


def test_bots_other_events_and_other_lines_are_excluded(build):
    other = [SOLD | {"line_class": name} for name in ("shipping", "discount", "other")]

    assert (
        build([VIEW | {"is_bot": True}, SEEN | {"event_name": "page_view"}, VIEW | {"product_id": None}], other) == []
    )


def test_the_rank_is_by_gross_then_units_then_name_so_that_no_two_share_one(build):
    sold = [SOLD | {"product_id": name, "quantity": pieces} for name, pieces in (("b", 2), ("a", 2), ("c", 9))]

    rows = build([VIEW | {"product_id": "z"}], [*sold, SOLD | {"product_id": "d", "amount": "20.01", "quantity": 1}])

    assert [(row.sales_rank, row.product_id) for row in rows] == [(1, "d"), (2, "c"), (3, "a"), (4, "b"), (5, "z")]


def test_each_day_and_feed_has_a_ranking_of_its_own(build):
    rows = build((), [SOLD, SOLD | {"order_date": "2026-03-02"}, SOLD | {"feed": "other"}])

    assert [row.sales_rank for row in rows] == [1, 1, 1]


def test_other_currencies_are_converted_and_lines_without_a_rate_left_out(build):
    sold = [SOLD, SOLD | {"currency": "EUR"}, SOLD | {"currency": "JPY", "order_id": "o2"}]
    euro = {"feed": "shop", "currency": "EUR", "first_date": "2026-02-27", "rate": "0.85"}

    [day] = build((), sold, [euro])

    assert (day.currency, day.gross, day.net) == ("GBP", Decimal("37.00"), Decimal("37.00"))
    assert (day.orders, day.units, day.lines_without_rate) == (2, 6, 1)


def test_money_is_null_where_no_price_or_rate_is_known(build):
    no_price, no_rate = SOLD | {"amount": None}, SOLD | {"currency": "JPY", "product_id": "p2"}

    rows = build([VIEW], [no_price, no_rate])

    assert [(row.gross, row.net, row.returns) for row in rows] == [(None, None, Decimal("0.00"))] * 2
    assert [(row.product_id, row.units, row.lines_without_rate) for row in rows] == [("p1", 2, 0), ("p2", 2, 1)]


def test_no_input_no_rows(build):
    assert build() == []


@pytest.mark.parametrize("viewers", [1, 300, 20_000])
def test_the_approximate_viewers_are_within_one_per_cent(spark, some, zenith, viewers):
    of_all = some(events, VIEW).drop("visitor_id")
    views = of_all.crossJoin(spark.range(viewers).selectExpr("cast(id AS string) AS visitor_id"))

    read = views, some(order_lines), some(cancelled_order_refunds), some(exchange_rate_periods)
    [day] = product_performance_daily(*read, feeds=(zenith,)).collect()

    assert day.viewers == viewers
    assert abs(day.approx_viewers - viewers) <= viewers / 100


def test_a_cancelled_order_is_not_sold(build):
    [day] = build([VIEW], [SOLD | {"status": "cancelled"}])

    assert (day.views, day.orders, day.units, day.gross) == (1, 0, 0, Decimal("0.00"))


def test_the_refund_of_a_cancelled_order_is_no_return(build):
    [seen] = build([VIEW], [SOLD | {"status": "cancelled"}, RETURNED | {"order_date": "2026-03-02"}])

    assert (seen.event_date, seen.gross, seen.returns) == (date(2026, 3, 1), 0, 0)

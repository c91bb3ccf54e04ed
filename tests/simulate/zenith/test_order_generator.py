from datetime import date

import pytest

from shoplake.simulate.calendar import DAY, Calendar
from shoplake.simulate.zenith.customers import Customers
from shoplake.simulate.zenith.events import EventGenerator
from shoplake.simulate.zenith.order_generator import (
    FIRST_PHONE_ORDER,
    FREE_SHIPPING_FROM,
    MAX_RETURN_DAYS,
    SHIPPING,
    OrderGenerator,
)
from shoplake.simulate.zenith.products import Products
from shoplake.simulate.zenith.shop import Shop
from shoplake.simulate.zenith.visitors import Visitors


@pytest.fixture(scope="module")
def sold():
    """The orders and the refunds of 20 days."""
    shop = Shop(60_000, 400, 50, 20, 3, 0.0, date(2026, 3, 24), "Europe/London", "GBP")
    calendar = Calendar(shop)
    products, customers = Products(shop, calendar), Customers(shop, calendar)
    generator = OrderGenerator(shop, calendar, products, customers)
    traffic = EventGenerator(shop, calendar, Visitors(shop), customers)
    days = [
        (generator.generate_orders(day, traffic.generate_day(day)[0]), generator.pop_refunds(day)) for day in range(12)
    ]
    return [order for orders, _ in days for order in orders], [refund for _, refunds in days for refund in refunds]


def test_what_is_paid_settles_each_order(sold):
    for order in sold[0]:
        paid = sum(payment.amount for payment in order.payments if payment.status == "paid")
        assert paid == order.goods - order.discount + order.shipping


def test_shipping_is_free_from_a_certain_sum_on(sold):
    assert all(order.shipping == (0 if order.goods >= FREE_SHIPPING_FROM else SHIPPING) for order in sold[0])
    assert {order.shipping for order in sold[0]} == {0, SHIPPING}


def test_every_order_has_its_own_number_and_some_came_by_phone(sold):
    numbers = [int(order.order_id[1:]) for order in sold[0]]

    assert len(set(numbers)) == len(numbers)
    assert 0 < sum(number >= FIRST_PHONE_ORDER for number in numbers) < 0.05 * len(numbers)


def test_goods_come_back_within_two_weeks_and_never_more_than_was_bought(sold):
    assert sold[1]
    for refund in sold[1]:
        assert DAY <= refund.refunded_at - refund.order.ordered_at < MAX_RETURN_DAYS * DAY
        assert 0 < refund.amount <= refund.order.goods

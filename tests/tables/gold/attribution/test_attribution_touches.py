"""Wrong answer 8: attribution that loses or invents money, and what each model does instead."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from shoplake.transforms.attribution.models import MODELS

from .conftest import CHANNELS, bought, visit

ORDER = bought("o1", "2026-03-31 09:00")
THREE = [visit("2026-03-17 09:00", "email"), visit("2026-03-24 09:00", "organic_search"), visit("2026-03-31 09:00")]


def hundred(**parts):
    return {channel: Decimal(amount) for channel, amount in parts.items()}


def test_wrong_answer_8_an_order_without_a_touch_stays(attributed):
    [row] = attributed(orders=[ORDER]).collect()

    assert (row.channel, row.touch_number, row.touches, row.session_id) == ("(none)", 0, 0, None)
    assert {row[f"revenue_{model}"] for model in MODELS} == {Decimal("100.0000")}


def test_wrong_answer_8_a_touch_after_the_purchase_gets_nothing(credited):
    visits = [visit("2026-03-31 09:00", "email"), visit("2026-03-31 09:01", "paid_search")]

    assert credited("last", *visits, orders=[ORDER]) == hundred(email="100")


def test_wrong_answer_8_two_orders_after_one_touch_both_get_it_in_full(credited):
    orders = [ORDER, bought("o2", "2026-03-31 10:00", "50.00")]

    assert credited("linear", visit("2026-03-20 09:00", "email"), orders=orders) == hundred(email="150")


def test_wrong_answer_8_the_last_touch_that_is_not_direct_is_not_direct(credited):
    assert credited("last_non_direct", *THREE, orders=[ORDER]) == hundred(organic_search="100")


@pytest.mark.sample
def test_wrong_answer_8_a_payment_provider_is_no_channel(credited):
    visits = [visit("2026-03-31 08:00", "email"), visit("2026-03-31 08:50", "paypal")]

    assert {tuple(credited(model, *visits, orders=[ORDER]).items()) for model in MODELS} == {
        (("email", Decimal("100.0000")),)
    }


def test_wrong_answer_3_two_orders_in_one_second_stay_two(attributed):
    orders = [ORDER, ORDER | {"order_id": "o2", "document_id": "o2", "net": "7.00"}]

    rows = attributed(visit("2026-03-30 09:00", "email"), orders=orders).collect()

    assert {row.order_id: row.revenue_last for row in rows} == {"o1": Decimal("100"), "o2": Decimal("7")}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("linear", hundred(email="33.34", organic_search="33.33", direct="33.33")),
        pytest.param("decay", hundred(email="14.29", organic_search="28.57", direct="57.14"), marks=pytest.mark.slow),
        pytest.param("position", hundred(email="40", organic_search="20", direct="40"), marks=pytest.mark.slow),
        pytest.param("first", hundred(email="100"), marks=pytest.mark.slow),
        pytest.param("last_paid", hundred(organic_search="100"), marks=pytest.mark.slow),
    ],
)
def test_a_hundred_pounds_over_touches_two_one_and_no_half_lives_before(credited, model, expected):
    assert credited(model, *THREE, orders=[ORDER]) == expected


def test_a_touch_counts_30_days_to_the_second_and_no_longer(attributed):
    visits = [visit("2026-03-01 09:00:00", "email"), visit("2026-03-01 08:59:59", "paid_search")]

    rows = attributed(*visits, orders=[ORDER]).collect()

    assert [(row.channel, row.touches, row.days_before) for row in rows] == [("email", 1, 30.0)]


def test_a_guest_is_the_person_of_the_session_of_the_purchase(attributed):
    first, last = visit("2026-03-30 09:00", "email", "phone"), visit("2026-03-31 08:59", person="phone")
    event = {"feed": "shop", "order_id": "o1", "event_date": "2026-03-31", "session_id": last["session_id"]}

    rows = attributed(first, last, orders=[ORDER | {"customer_id": None}], events=[event]).collect()

    assert [row.channel for row in sorted(rows, key=lambda row: row.touch_number)] == ["email", "direct"]


def test_cancelled_orders_have_no_rows_and_returns_only_lower_the_net_revenue(attributed):
    gone = bought("o2", "2026-03-31 09:00", is_cancelled=True)
    returned = ORDER | {"returned_net": "25.00"}

    [row] = attributed(orders=[gone, returned]).collect()

    assert (row.revenue_first, row.net_revenue_first) == (Decimal("100"), Decimal("75"))


@pytest.fixture(scope="module")
def shop():
    """Sessions and orders of 12 people in two months."""
    chance = random.Random(3)

    def moment():
        return str(datetime(2026, 3, 1) + timedelta(minutes=chance.randrange(60 * 24 * 60)))

    people = [f"p{number}" for number in range(12)]
    visits = [visit(moment(), chance.choice(list(CHANNELS)), chance.choice(people)) for _ in range(80)]
    prices = ["0.3333", "19.99", "100.00", "-5.0000", "0.0050"]
    orders = [
        bought(f"o{number}", moment(), chance.choice(prices), chance.choice([*people, None])) for number in range(40)
    ]
    return visits, orders


def test_each_order_adds_up_to_its_revenue_and_to_one_in_every_model(attributed, shop):
    visits, orders = shop
    rows = attributed(*visits, orders=orders).collect()

    for model in MODELS:
        for order in orders:
            own = [row for row in rows if row.order_id == order["order_id"]]
            assert sum(row[f"revenue_{model}"] for row in own) == Decimal(order["net"])
            assert sum(row[f"net_revenue_{model}"] for row in own) == Decimal(order["net"])
            assert sum(row[f"weight_{model}"] for row in own) == 1


def test_the_touches_are_those_of_plain_python(attributed, shop):
    visits, orders = shop
    expected = set()
    for order in orders:
        ordered_at = datetime.fromisoformat(order["ordered_at"])
        own = sorted(
            (each["started_at"], each["session_id"])
            for each in visits
            if each["visitor_id"] == order["customer_id"]
            and each["utm_source"] not in ("www.paypal.com", "shop.example")
            and timedelta(0) <= ordered_at - datetime.fromisoformat(each["started_at"]) <= timedelta(days=30)
        )
        expected |= {(order["order_id"], place, session) for place, (_, session) in enumerate(own, 1)}
        expected |= set() if own else {(order["order_id"], 0, None)}

    rows = attributed(*visits, orders=orders).collect()

    assert {(row.order_id, row.touch_number, row.session_id) for row in rows} == expected
    assert len(rows) == len(expected)

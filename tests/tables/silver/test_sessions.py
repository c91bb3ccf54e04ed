import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from shoplake.tables.silver.events import events
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.sessions import sessions

START = datetime(2026, 3, 1, 9)
SAME = {"feed": "shop", "visitor_id": "ann", "event_date": "2026-03-01", "event_name": "page_view", "is_bot": False}
EURO = {"feed": "shop", "currency": "EUR", "first_date": "2026-03-01", "rate": "0.85"}


def at(seconds, **more):
    return SAME | {"event_at": START + timedelta(seconds=seconds), "event_id": f"e{seconds:06}"} | more


@pytest.fixture
def build(some, zenith):
    """The sessions of events, by visitor and start."""
    return lambda *records: (
        sessions(some(events, *records), some(exchange_rate_periods, EURO), feeds=(zenith,))
        .orderBy("visitor_id", "started_at")
        .collect()
    )


def test_exactly_thirty_minutes_continue_a_session_and_more_start_another(build):
    rows = build(at(0), at(1800), at(3601))

    assert [(row.started_at, row.ended_at, row.events) for row in rows] == [
        (START, START + timedelta(minutes=30), 2),
        (START + timedelta(seconds=3601), START + timedelta(seconds=3601), 1),
    ]


def test_a_session_over_midnight_stays_one_and_counts_on_the_day_it_began(build):
    midnight = 15 * 3600

    [row] = build(at(midnight - 60), at(midnight + 60, event_date="2026-03-02"))

    assert (row.events, row.session_date) == (2, date(2026, 3, 1))


def test_sessions_equal_those_of_a_loop_in_any_order_of_arrival(build):
    rng = random.Random(5)
    records = [at(rng.randrange(40_000), visitor_id=rng.choice("abc")) for _ in range(120)]
    records = list({row["event_id"]: row for row in records}.values())

    rows = build(*records)

    expected = []
    for row in sorted(records, key=lambda each: (each["visitor_id"], each["event_at"])):
        last = expected[-1] if expected else None
        if last and last[0] == row["visitor_id"] and row["event_at"] - last[2] <= timedelta(minutes=30):
            expected[-1] = (last[0], last[1], row["event_at"], last[3] + 1)
        else:
            expected.append((row["visitor_id"], row["event_at"], row["event_at"], 1))
    assert [(row.visitor_id, row.started_at, row.ended_at, row.events) for row in rows] == expected
    assert len({row.session_id for row in rows}) == len(rows)


def test_the_same_session_has_the_same_id_and_a_late_first_event_moves_the_start(build):
    [one], [again], [earlier] = build(at(60)), build(at(60), at(90)), build(at(60), at(0))

    assert one.session_id == again.session_id
    assert (earlier.session_id != one.session_id, earlier.started_at) == (True, START)


def test_events_are_counted_by_name_and_purchases_summed(build):
    names = ["page_view", "product_view", "product_view", "add_to_cart", "checkout_started"]
    bought = at(9, event_name="purchase", quantity=2, unit_price="9.99"), at(10, event_name="purchase", unit_price=5)

    [row] = build(*[at(second, event_name=name) for second, name in enumerate(names)], *bought)

    assert (row.page_views, row.product_views, row.add_to_carts, row.checkouts, row.purchases) == (1, 2, 1, 1, 2)
    assert (row.events, row.revenue, row.steps_reached) == (7, Decimal("24.98"), 5)


def test_the_revenue_of_purchases_without_any_price_is_null(build):
    bought = at(0, event_name="purchase"), at(1, event_name="purchase")

    [known], [unknown], [none] = build(bought[0], bought[1] | {"unit_price": 5}), build(*bought), build(at(0))

    assert (known.revenue, unknown.revenue, none.revenue) == (Decimal("5.00"), None, Decimal("0.00"))


def test_revenue_in_other_currencies_is_converted_and_purchases_without_a_rate_counted(build):
    bought = [at(n, event_name="purchase", quantity=2, unit_price=5, currency=code) for n, code in enumerate(CODES)]

    [row], [unknown] = build(*bought, at(9, currency="JPY", unit_price=5)), build(bought[2])

    assert (row.currency, row.purchases, row.revenue, row.lines_without_rate) == ("GBP", 4, Decimal("28.50"), 1)
    assert (unknown.revenue, unknown.lines_without_rate) == (None, 1)


CODES = ("GBP", "EUR", "JPY", None)


def test_steps_count_in_order_and_equal_times_as_in_order(build):
    backwards = [at(9 - step, event_name=name) for step, name in enumerate(["page_view", "product_view"])]
    at_once = [
        at(0, visitor_id="bob", event_name=name, event_id=f"b{9 - step}")
        for step, name in enumerate(["page_view", "product_view", "add_to_cart", "checkout_started", "purchase"])
    ]

    rows = build(*backwards, *at_once)

    assert {row.visitor_id: row.steps_reached for row in rows} == {"ann": 1, "bob": 5}


def test_page_campaign_and_device_are_those_of_the_first_event(build):
    first = {"page_url": "/z", "utm_source": "x", "utm_medium": "cpc", "utm_campaign": "spring", "device": "mobile"}

    [row] = build(at(5, page_url="/a", device="desktop", utm_source="y"), at(0, **first))

    assert (row.landing_page, row.utm_source, row.utm_medium, row.utm_campaign, row.device) == tuple(first.values())


def test_the_channel_is_that_of_the_first_event_and_the_last_day_that_of_the_last(build):
    midnight = 15 * 3600
    first = at(midnight - 60, utm_source="x", utm_medium="email")

    [row] = build(at(midnight + 60, event_date="2026-03-02", utm_medium="cpc"), first)

    assert (row.channel, row.session_date, row.ended_date) == ("email", date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("records", "is_engaged"),
    [
        ([at(0)], False),
        ([at(0), at(10, event_name="add_to_cart")], False),
        ([at(0), at(11, event_name="add_to_cart")], True),
        ([at(0), at(1)], True),
        ([at(0, event_name="purchase")], True),
    ],
)
def test_a_session_is_engaged_if_it_lasts_or_looks_twice_or_buys(build, records, is_engaged):
    [row] = build(*records)

    assert row.is_engaged is is_engaged


def test_a_session_with_one_event_of_a_bot_is_a_bots(build):
    rows = build(at(0), at(1, is_bot=True), at(0, visitor_id="bob"))

    assert [row.is_bot for row in rows] == [True, False]


def test_sessionors_of_two_feeds_are_separate(build):
    rows = build(at(0), at(60, feed="other"))

    assert len({row.session_id for row in rows}) == 2


def test_no_events_no_sessions(build):
    assert build() == []


def test_the_separator_is_removed_from_them(build):
    [row] = build(at(0, page_url="/a\x1fb", utm_source="x"))

    assert (row.landing_page, row.utm_source, row.visitor_id) == ("/ab", "x", "ann")

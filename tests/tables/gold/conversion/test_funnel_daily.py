import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from shoplake.declare import Feed, FeedKind
from shoplake.tables.gold.conversion.funnel_daily import funnel_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.sessions import sessions
from shoplake.transforms.funnel import Funnel, funnel, funnel_members
from shoplake.transforms.funnel.units import add_session

STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")
SENDS_ALL = Feed("shop", FeedKind("all", "sends all", (), {}, STEPS), "landing")
SENDS_SOME = Feed("other", FeedKind("some", "no pages", (), {}, ("product_view", "add_to_cart", "purchase")), "landing")


@pytest.fixture
def build(some):
    """The funnel of events given as `(visitor, step)` or `(visitor, step, more)`, and of sessions."""

    def build(*records, session_rows=(), feeds=(SENDS_ALL, SENDS_SOME)):
        same = {"feed": "shop", "event_date": "2026-03-01", "is_bot": False}
        rows = [same | {"visitor_id": who, "event_name": step} | dict(*more) for who, step, *more in records]
        visited = [
            {"feed": "shop", "session_date": "2026-03-01", "is_bot": False} | session_row
            for session_row in session_rows
        ]
        funnel = funnel_daily(some(events, *rows), some(sessions, *visited), feeds=feeds)
        return funnel.orderBy("feed", "event_date").collect()

    return build


def counts(row, of="visitors"):
    return [row[f"{step}_{of}"] for step in STEPS]


def rates(row):
    return row.view_to_cart_rate, row.cart_to_purchase_rate, row.view_to_purchase_rate


def test_each_sessionor_counts_once_a_step(build):
    [day] = build(*[("ann", step) for step in STEPS], ("ann", "product_view"), ("bob", "product_view"))

    assert (day.feed, day.event_date) == ("shop", date(2026, 3, 1))
    assert counts(day) == [1, 2, 1, 1, 1]
    assert rates(day) == (0.5, 1.0, 0.5)


def test_bots_are_excluded(build):
    [day] = build(("ann", "product_view"), ("spider", "product_view", {"is_bot": True}))

    assert day.product_view_visitors == 1


def test_a_step_that_a_feed_does_not_send_is_null_and_one_without_visitors_is_zero(build):
    [other, shop] = build(("ann", "product_view", {"feed": "other"}), ("ann", "product_view"))

    assert counts(other) == [None, 1, 0, None, 0]
    assert counts(shop) == [0, 1, 0, 0, 0]


def test_a_rate_is_null_where_its_base_is_zero(build):
    [day] = build(("ann", "purchase"))

    assert rates(day) == (None, None, None)


def test_days_and_feeds_are_counted_separately(build):
    rows = build(("ann", "purchase"), ("ann", "purchase", {"event_date": "2026-03-02"}), ("ann", "page_view"))

    assert [(row.event_date.day, row.purchase_visitors) for row in rows] == [(1, 1), (2, 1)]


def test_removing_from_the_cart_is_no_step(build):
    [day] = build(("ann", "remove_from_cart"))

    assert counts(day) == [0] * 5


def test_no_events_no_days(build):
    assert build() == []


def test_sessions_are_counted_at_each_step_they_reached_on_the_day_they_began(build):
    session_rows = [{"steps_reached": reached} for reached in (0, 1, 1, 3, 5)]

    [day] = build(("ann", "page_view"), session_rows=[*session_rows, {"steps_reached": 5, "is_bot": True}])

    assert counts(day, "sessions") == [4, 2, 2, 1, 1]


def test_sessions_skip_a_step_that_the_feed_does_not_send(build):
    session_rows = [{"feed": "other", "steps_reached": reached} for reached in (1, 3)]

    [day] = build(("ann", "product_view", {"feed": "other"}), session_rows=session_rows)

    assert counts(day, "sessions") == [None, 2, 1, None, 1]


def test_a_day_on_which_no_session_began_has_zero_of_them(build):
    [day] = build(("ann", "page_view"))

    assert counts(day, "sessions") == [0] * 5


def crowd(chance=random.Random(3)):  # noqa: B008
    """Events of 12 visitors in two days, some of them at one time and some by bots."""
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(1_200):
        at = begin + timedelta(minutes=chance.randrange(2 * 24 * 6) * 10)
        who = f"v{chance.randrange(12)}"
        yield {
            "feed": "shop", "event_id": f"e{number}", "event_at": at, "event_date": at.date(), "visitor_id": who,
            "event_name": chance.choice(STEPS), "is_bot": who == "v7",
        }  # fmt: skip


@pytest.fixture
def both(some):
    """The rows of the table, and the funnel over the same sessions, of the events of a crowd."""
    rows = some(events, *crowd())
    visits = sessions(rows, some(exchange_rate_periods), feeds=(SENDS_ALL,)).persist()
    definition = Funnel(STEPS, window=None, count="sessions")
    in_sessions = add_session(rows, visits)
    return funnel_daily(rows, visits, feeds=(SENDS_ALL,)).collect(), in_sessions, definition


def test_the_sessions_of_all_days_are_those_that_the_funnel_counts(both):
    days, in_sessions, definition = both
    chart = {row.name: row.converted for row in funnel(in_sessions, definition).collect()}

    assert {step: sum(day[f"{step}_sessions"] for day in days) for step in STEPS} == chart
    assert chart["page_view"] > chart["purchase"] > 0


def test_wrong_answer_2_the_sessions_of_a_day_are_as_many_as_the_list_behind_it(both):
    days, in_sessions, definition = both
    members = funnel_members(in_sessions, definition, 3, "converted").collect()

    assert Counter(row.started_at.date() for row in members) == {
        day.event_date: day.add_to_cart_sessions for day in days if day.add_to_cart_sessions
    }

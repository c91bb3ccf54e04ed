"""The numbers of a funnel, from events to rows, and the lists behind them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from shoplake.tables.silver.events import events as events_table
from shoplake.transforms.funnel import CHART_COLUMNS, Funnel, funnel, funnel_members

STEPS = ("product_view", "add_to_cart", "purchase")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def event(visitor, name, at=MONDAY, **others):
    event_id = f"{visitor}-{name}-{at.isoformat()}-{len(others)}"
    return {"feed": "shop", "event_id": event_id, "visitor_id": visitor, "event_name": name, "event_at": at} | (
        {"is_bot": False} | others
    )


@pytest.fixture
def chart(some):
    """The rows of a funnel as {(segment, step): row}."""

    def of(rows, *steps, **options):
        found = funnel(some(events_table, *rows), Funnel(steps or STEPS, **options)).collect()
        return {(row.segment, row.step): row for row in found}

    return of


@pytest.fixture(scope="module")
def crowd():
    """Events of 40 visitors in five weeks, with devices and a few bots."""
    chance = random.Random(7)
    names = [*STEPS, "page_view"]
    return [
        event(
            f"v{chance.randrange(40)}",
            chance.choice(names),
            MONDAY + timedelta(hours=chance.randrange(35 * 24)),
            event_id=str(number),
            device=chance.choice(["mobile", "desktop", None]),
            is_bot=number % 29 == 0,
        )
        for number in range(300)
    ]


def test_each_step_says_who_entered_converted_dropped_and_is_open(chart):
    rows = [
        event("ann", "product_view"),
        event("ann", "add_to_cart", MONDAY + DAY),
        event("bob", "product_view"),
        event("cat", "product_view", MONDAY + 9 * DAY),
        event("end", "page_view", MONDAY + 10 * DAY),
    ]

    found = chart(rows)

    assert [(row.entered, row.converted, row.dropped, row.open) for row in found.values()] == [
        (3, 3, 0, 0),
        (3, 1, 1, 1),
        (1, 0, 1, 0),
    ]
    second = found["(all)", 2]
    assert (second.name, second.rate_of_closed, second.rate_from_start) == ("add_to_cart", 0.5, 1 / 3)
    assert (second.from_previous_p50_s, second.from_start_p90_s) == (86_400.0, 86_400.0)


def test_wrong_answer_1_an_open_window_is_no_drop_off(chart):
    trial = [event("ann", "product_view"), event("end", "page_view", MONDAY + 20 * DAY)]

    second = chart(trial, "product_view", "purchase", window=31 * DAY)["(all)", 2]

    assert (second.entered, second.converted, second.dropped, second.open) == (1, 0, 0, 1)
    assert second.rate_of_closed is None


def test_wrong_answer_3_steps_at_one_time_do_not_vanish(chart):
    at_once = [event("ann", name) for name in reversed(STEPS)]

    assert [row.converted for row in chart(at_once).values()] == [1, 1, 1]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by": "device", "by_from": "last"},
        {"by": "device", "by_from": 2},
        {"order": "strict"},
        {"order": "any", "count": "totals"},
        {"count": "totals", "exclude": ("page_view",)},
    ],
    ids=str,
)
def test_wrong_answer_2_the_list_behind_a_number_has_as_many_members(some, crowd, options):
    rows, asked = some(events_table, *crowd), Funnel(STEPS, **options)
    shown = funnel(rows, asked).collect()

    for row in shown:
        assert row.entered == row.converted + row.dropped + row.open
    for step, state in ((2, "dropped"), (3, "converted"), (2, "open")):
        listed = funnel_members(rows, asked, step, state).collect()
        assert len(listed) == sum(row[state] for row in shown if row.step == step)
        assert len({(row.unit_id, row.attempt) for row in listed}) == len(listed)


def test_the_times_are_exact_percentiles(some, crowd):
    rows, asked = some(events_table, *crowd), Funnel(STEPS, window=30 * DAY)
    [second] = [row for row in funnel(rows, asked).collect() if row.step == 2]
    times = [row.from_previous_s for row in funnel_members(rows, asked, 2, "converted").collect()]

    assert len(times) > 5
    shown = [second[f"from_previous_{name}_s"] for name in ("p25", "p50", "p75", "p90")]
    assert shown == pytest.approx(list(np.percentile(times, [25, 50, 75, 90])))


def test_bots_and_events_after_the_day_asked_for_do_not_count(chart):
    rows = [
        event("bot", "product_view", is_bot=True),
        event("ann", "product_view"),
        event("ann", "add_to_cart", MONDAY + 2 * DAY),
    ]

    found = chart(rows, as_of=MONDAY + DAY)

    assert [(row.converted, row.open) for row in found.values()] == [(1, 0), (0, 1), (0, 0)]


def test_a_session_is_over_after_half_an_hour_and_then_nothing_is_open(chart):
    rows = [event("ann", "product_view", session_id="s1"), event("end", "page_view", MONDAY + timedelta(minutes=30))]

    second = chart(rows, count="sessions", window=None)["(all)", 2]

    assert (second.dropped, second.open) == (1, 0)


def test_an_event_without_a_device_is_unknown(chart):
    assert list(chart([event("ann", "product_view")], by="device")) == [("(unknown)", step) for step in (1, 2, 3)]


def test_a_funnel_of_no_events_has_no_rows(some):
    found = funnel(some(events_table), Funnel(STEPS))

    assert (found.columns, found.collect()) == (list(CHART_COLUMNS), [])

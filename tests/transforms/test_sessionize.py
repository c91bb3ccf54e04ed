from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.sessionize import FIRST, SEPARATOR, SessionAggregator

FUNNELS = {"shop": ("page_view", "product_view", "purchase"), "other": ("product_view", "add_to_cart")}
NAMES = ("page_view", "product_view", "add_to_cart", "purchase", "newsletter")
COUNTED = ("product_view", "purchase")
START = datetime(2026, 3, 1, 23, 58, tzinfo=UTC)
PAUSE_S = 60
MONEY = pa.decimal128(38, 4)

AS_IT_IS = ("event_name", "is_bot", "spent")
ANN = {"feed": "shop", "visitor_id": "ann", "event_id": "e", "event_name": "page_view", "is_bot": False}
ANN |= {"spent": None, "page_url": None}

EVENT = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 99).map(lambda number: f"e{number:02}"),
        "feed": st.sampled_from(["shop", "other"]),
        "visitor_id": st.sampled_from(["ann", "bob"]),
        "at": st.integers(0, 8).map(lambda number: number * 30),
        "event_name": st.sampled_from(NAMES),
        "is_bot": st.sampled_from([False, False, True]),
        "spent": st.sampled_from([None, Decimal("0.0050"), Decimal("19.9900")]),
        "page_url": st.sampled_from([None, "", "/a", "/b"]),
    }
)


def summed(told, size):
    """The visits of events, which come in blocks of so many."""
    told = sorted(told, key=lambda event: (event["feed"], event["visitor_id"], event["at"]))
    rows, last = [], None
    for event in told:
        who = SEPARATOR.join((event["feed"], event["visitor_id"]))
        number = rows[-1]["_number"] + 1 if who == last else 1
        moment, same = START + timedelta(seconds=event["at"]), {each: event[each] for each in AS_IT_IS}
        texts = SEPARATOR.join([event["event_id"], event["page_url"] or "", *[""] * (len(FIRST) - 1)])
        same |= {"event_at": moment, "event_date": moment.date()}
        rows.append(same | {"who": who, "told": texts, "_number": number})
        last = who
    types = dict.fromkeys(["who", "told", "event_name"], pa.string())
    types |= {"event_at": pa.timestamp("us", "UTC"), "event_date": pa.date32(), "is_bot": pa.bool_()}
    types |= {"spent": MONEY, "_number": pa.int32()}
    table = pa.Table.from_pylist(rows, schema=pa.schema(types))
    blocks = SessionAggregator(FUNNELS, COUNTED, PAUSE_S * 1_000_000)(iter(table.to_batches(max_chunksize=size)))
    return told, [row for block in blocks for row in block.to_pylist()]


def by_hand(told):
    """The same by a loop over the events in order."""
    visits = []
    for event in told:
        whose = (event["feed"], event["visitor_id"])
        if not visits or whose != visits[-1][0] or event["at"] - visits[-1][1][-1]["at"] > PAUSE_S:
            visits.append((whose, []))
        visits[-1][1].append(event)
    return [summed_by_hand(*whose, events) for whose, events in visits]


def summed_by_hand(feed, visitor_id, events):
    start, end = (START + timedelta(seconds=events[at]["at"]) for at in (0, -1))
    prices = [event["spent"] for event in events if event["spent"] is not None]
    funnel, reached = FUNNELS[feed], 0
    for event in sorted(
        events, key=lambda event: (event["at"], [*funnel, event["event_name"]].index(event["event_name"]))
    ):
        if reached < len(funnel) and event["event_name"] == funnel[reached]:
            reached += 1
    return {
        "feed": feed,
        "visitor_id": visitor_id,
        "started_at": start,
        "ended_at": end,
        "session_date": start.date(),
        "ended_date": end.date(),
        "events": len(events),
        **{name: sum(event["event_name"] == name for event in events) for name in COUNTED},
        "spent": sum(prices, Decimal(0)) if prices else None,
        "steps_reached": reached,
        **dict.fromkeys(FIRST, ""),
        "page_url": min(events, key=lambda event: (event["at"], event["event_id"], event["page_url"] or ""))["page_url"]
        or "",
        "is_bot": any(event["is_bot"] for event in events),
    }


@settings(max_examples=300, deadline=None)
@given(told=st.lists(EVENT, min_size=1, max_size=25), size=st.integers(1, 9))
def test_visits_are_those_of_a_loop_over_the_events(told, size):
    told, made = summed(told, size)

    assert made == by_hand(told)


def test_a_visitor_who_goes_on_in_the_next_block_is_one(monkeypatch):
    monkeypatch.setattr("shoplake.transforms.sorted_groups.MIN_BATCH_ROWS", 2)
    _, made = summed([ANN | {"at": at * 30} for at in range(7)], 2)

    assert [row["events"] for row in made] == [7]


def test_a_visit_over_midnight_has_both_days():
    _, [row] = summed([ANN | {"at": at} for at in (60, 120, 180)], 5)

    assert (row["session_date"], row["ended_date"]) == (date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize("feed", ["nowhere", "shop"])
def test_a_feed_without_a_funnel_reaches_no_step(feed):
    _, [row] = summed([ANN | {"feed": feed, "at": 0}], 1)

    assert row["steps_reached"] == (feed == "shop")


def test_of_events_at_one_moment_the_least_id_begins_the_visit_however_many_there_are():
    told = [ANN | {"at": 0, "event_id": name, "page_url": f"/{name}"} for name in ("c", "e", "b", "d", "b1")]

    _, [row] = summed(told, 5)

    assert row["page_url"] == "/b"

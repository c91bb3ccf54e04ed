from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.page_paths import ACTIONS, PAGE_TYPES
from shoplake.transforms.sessionize import FIRST_EVENT_COLUMNS, SEPARATOR, SessionAggregator
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS

FUNNELS = {"shop": ("page_view", "product_view", "purchase"), "other": ("product_view", "add_to_cart")}
NAMES = ("page_view", "product_view", "add_to_cart", "purchase", "newsletter")
COUNTED = ("product_view", "purchase")
START = datetime(2026, 3, 1, 23, 58, tzinfo=UTC)
PAUSE_S = 60
MONEY = pa.decimal128(38, 4)

AS_IT_IS = ("event_name", "is_bot", "is_known", "revenue", "lacks_rate")
PAGES = {name: PAGE_TYPES.index(ACTIONS.get(name, "home")) for name in NAMES}
ANN = {"feed": "shop", "visitor_id": "ann", "event_id": "e", "event_name": "page_view", "is_bot": False}
ANN |= {"revenue": None, "lacks_rate": False, "page_url": None, "is_known": True}

EVENT = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 99).map(lambda number: f"e{number:02}"),
        "feed": st.sampled_from(["shop", "other"]),
        "visitor_id": st.sampled_from(["ann", "bob"]),
        "at": st.integers(0, 8).map(lambda number: number * 30),
        "event_name": st.sampled_from(NAMES),
        "is_bot": st.sampled_from([False, False, True]),
        "is_known": st.booleans(),
        "revenue": st.sampled_from([None, Decimal("0.0050"), Decimal("19.9900")]),
        "lacks_rate": st.booleans(),
        "page_url": st.sampled_from([None, "", "/a", "/b"]),
    }
)


def aggregated(events, size, min_batch_rows=MIN_BATCH_ROWS):
    """The events in order and their sessions, from batches of `size` rows."""
    events = sorted(events, key=lambda event: (event["feed"], event["visitor_id"], event["at"]))
    rows, last = [], None
    for event in events:
        visitor_key = SEPARATOR.join((event["feed"], event["visitor_id"]))
        number = rows[-1]["_row_number"] + 1 if visitor_key == last else 1
        moment, same = START + timedelta(seconds=event["at"]), {each: event[each] for each in AS_IT_IS}
        texts = SEPARATOR.join([event["event_id"], event["page_url"] or "", *[""] * (len(FIRST_EVENT_COLUMNS) - 1)])
        same |= {"event_at": moment, "event_date": moment.date(), "page": PAGES[event["event_name"]]}
        rows.append(same | {"visitor_key": visitor_key, "texts": texts, "_row_number": number})
        last = visitor_key
    types = dict.fromkeys(["visitor_key", "texts", "event_name"], pa.string())
    types |= {
        "event_at": pa.timestamp("us", "UTC"),
        "event_date": pa.date32(),
        "is_bot": pa.bool_(),
        "is_known": pa.bool_(),
        "lacks_rate": pa.bool_(),
    }
    types |= {"revenue": MONEY, "_row_number": pa.int32(), "page": pa.int32()}
    table = pa.Table.from_pylist(rows, schema=pa.schema(types))
    aggregate = SessionAggregator(FUNNELS, COUNTED, PAUSE_S * 1_000_000, min_batch_rows)
    blocks = aggregate(iter(table.to_batches(max_chunksize=size)))
    return events, [row for block in blocks for row in block.to_pylist()]


def aggregate_in_loop(events):
    """The same by a loop over the events in order."""
    sessions = []
    for event in events:
        whose = (event["feed"], event["visitor_id"])
        if not sessions or whose != sessions[-1][0] or event["at"] - sessions[-1][1][-1]["at"] > PAUSE_S:
            sessions.append((whose, []))
        sessions[-1][1].append(event)
    return [aggregate_by_hand(*whose, events) for whose, events in sessions]


def aggregate_by_hand(feed, visitor_id, events):
    start, end = (START + timedelta(seconds=events[at]["at"]) for at in (0, -1))
    prices = [event["revenue"] for event in events if event["revenue"] is not None]
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
        "revenue": sum(prices, Decimal(0)) if prices else None,
        "lines_without_rate": sum(event["lacks_rate"] for event in events),
        "steps_reached": reached,
        **dict.fromkeys(FIRST_EVENT_COLUMNS, ""),
        "page_url": min(events, key=lambda event: (event["at"], event["event_id"], event["page_url"] or ""))["page_url"]
        or "",
        "is_bot": any(event["is_bot"] for event in events),
        "is_known": any(event["is_known"] for event in events),
        "page_types": path_by_hand(events),
    }


def path_by_hand(events):
    pages = [page for _, page in sorted((event["at"], PAGES[event["event_name"]]) for event in events)]
    return [PAGE_TYPES[page] for page, _ in groupby(pages)][:6]


@settings(max_examples=examples(300))
@given(events=st.lists(EVENT, min_size=1, max_size=25), size=st.integers(1, 9))
def test_sessions_equal_those_of_a_loop_over_the_events(events, size):
    events, sessions = aggregated(events, size)

    assert sessions == aggregate_in_loop(events)


def test_a_visitor_who_continues_in_the_next_batch_is_one():
    _, sessions = aggregated([ANN | {"at": at * 30} for at in range(7)], 2, min_batch_rows=2)

    assert [row["events"] for row in sessions] == [7]


def test_a_session_over_midnight_has_both_days():
    _, [row] = aggregated([ANN | {"at": at} for at in (60, 120, 180)], 5)

    assert (row["session_date"], row["ended_date"]) == (date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize("feed", ["nowhere", "shop"])
def test_a_feed_without_a_funnel_reaches_no_step(feed):
    _, [row] = aggregated([ANN | {"feed": feed, "at": 0}], 1)

    assert row["steps_reached"] == (feed == "shop")


def test_of_events_at_one_time_the_least_id_starts_the_session():
    events = [ANN | {"at": 0, "event_id": name, "page_url": f"/{name}"} for name in ("c", "e", "b", "d", "b1")]

    _, [row] = aggregated(events, 5)

    assert row["page_url"] == "/b"

import random
from collections import Counter

from shoplake.tables.gold.products.product_sequences_daily import product_sequences_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.sessions import sessions

DAYS = ("2026-03-01", "2026-03-02")


def draw_sessions(number=60, seed=3):
    """Sessions of random views and purchases, a second apart: rows of both tables, and the steps by session."""
    rng, visits, steps, journeys = random.Random(seed), [], [], {}
    for place in range(number):
        day, visitor = DAYS[place % 2], f"v{place}"
        times = {"started_at": f"{day} 10:00:00", "ended_at": f"{day} 10:01:00", "purchases": 1, "is_bot": False}
        visits.append({"feed": "shop", "session_id": f"s{place}", "visitor_id": visitor, **times})
        journey = [(rng.choice(["product_view", "product_view", "purchase"]), rng.choice("abcdef")) for _ in range(6)]
        journeys[day, place] = journey
        for second, (name, product) in enumerate(journey):
            at = {"event_at": f"{day} 10:00:0{second}", "event_date": day, "visitor_id": visitor}
            steps.append({"feed": "shop", "event_name": name, "product_id": product, **at})
    return visits, steps, journeys


def count(journeys):
    """The sessions of each view and later purchase by day, and those of each purchase, in plain Python."""
    pairs, buying = Counter(), Counter()
    for (day, _), journey in journeys.items():
        found = {
            (viewed, bought)
            for place, (name, viewed) in enumerate(journey)
            for later, bought in journey[place + 1 :]
            if (name, later) == ("product_view", "purchase") and viewed != bought
        }
        pairs.update((day, *pair) for pair in found)
        buying.update((day, bought) for bought in {bought for _, bought in found})
    return pairs, buying


def test_sequences_are_counted_by_day_and_so_are_the_sessions_that_buy(some):
    visits, steps, journeys = draw_sessions()
    pairs, buying = count(journeys)

    rows = product_sequences_daily(some(events, *steps), some(sessions, *visits)).collect()

    assert {(str(row.event_date), row.viewed_id, row.bought_id): row.sessions for row in rows} == pairs
    assert {(str(row.event_date), row.bought_id): row.buying_sessions for row in rows} == buying

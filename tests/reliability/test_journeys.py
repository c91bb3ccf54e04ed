"""Journeys: whatever order files arrive in, paths, attribution and watched measures are those of a full build."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from deltalake import DeltaTable
from sample_customers import order, refund

from shoplake.operations.integrity.ties import tie_problems

from .lakes import content, difference, drop, event, lake_at, listed, partitions, same_files

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

pytestmark = pytest.mark.slow  # builds two months of journeys; tests/tables/gold/attribution has each table
TABLES = ("attribution_daily", "funnel_daily", "paths_daily", "sales_anomalies")
INPUTS = ("attribution_touches", "attribution_weights", "channel_transitions", "session_touches", "daily_measures")
ANSWERS = tuple(f"gold/{name}" for name in (*TABLES, *INPUTS))
SOURCES = (("list", "email"), ("google", "cpc"), ("www.paypal.com", "referral"), (None, None))
NAMES = ("page_view", "product_view", "add_to_cart", "purchase")
DAYS = [f"2026-{month:02}-{day:02}" for month in (3, 4) for day in range(1, 29, 3)]


def history() -> tuple[list[dict[str, object]], list[dict[str, object]], list[dict[str, object]]]:
    """Orders, refunds and events of a few people in two months; a third of the sessions is not logged in."""
    rng = random.Random(5)
    people = [rng.choice(["ann", "bob", "cem"]) for _ in DAYS]
    orders = [
        order(number, day, rng.choice([person, None]))
        for number, (day, person) in enumerate(zip(DAYS, people, strict=True))
    ]
    orders.append(order(80, "2026-03-20", "dan"))
    refunds = [refund(number, "2026-04-29", orders[number]["customer_id"]) for number in (2, 9)]
    events = []
    for number, (day, person) in enumerate(zip(DAYS, people, strict=True)):
        source, medium = SOURCES[number % 4]
        seen = {"user_id": None if number % 3 else person, "anonymous_id": f"{person}'s phone"}
        for place, name in enumerate(NAMES):
            made = {"event_ts": f"{day}T09:{10 * place + 25:02}:00Z", "event_name": name, "order_id": f"o{number}"}
            events.append(event(4 * number + place, **made, **seen) | {"utm_source": source, "utm_medium": medium})
    return orders, refunds, events


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Path]:
    """The lake of all files in one run."""
    folder = tmp_path_factory.mktemp("journeys")
    for name, records in zip(("orders", "refunds", "events"), history(), strict=True):
        drop(folder / "landing", f"{name}/a.json", *records)
    lake = lake_at(folder / "lake", folder / "landing", tables=TABLES)
    lake.run()
    return lake, folder / "lake"


@pytest.mark.slow
def test_journeys_do_not_depend_on_the_order_of_arrival(at_once, tmp_path: Path):
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", tables=TABLES)
    parts = [sorted(records, key=str, reverse=True) for records in history()]
    for number in range(3):
        for name, records in zip(("orders", "refunds", "events"), parts, strict=True):
            drop(tmp_path / "landing", f"{name}/{number}.json", *records[number::3])
        lake.run()

    assert difference(content(tmp_path / "lake", ANSWERS), content(at_once[1], ANSWERS)) == {}
    assert lake.run().tables == []


def test_credits_go_to_several_channels_and_to_none(at_once):
    channels = {row["channel"] for row in listed(at_once[1], "gold/attribution_touches")}

    assert channels == {"email", "paid_search", "direct", "(none)"}


def test_all_ties_hold(at_once):
    lake, _ = at_once

    assert list(tie_problems(lake.engine, lake.catalog)) == []


@pytest.mark.parametrize(
    ("table", "changes", "where", "expected"),
    [
        (
            "attribution_touches",
            {"revenue_decay": "revenue_decay + 0.01"},
            "order_id = 'o3' AND touch_number <= 1",
            "order_id o3, order_date 2026-03-10, currency GBP: revenue_decay differs by +0.01",
        ),
        (
            "attribution_daily",
            {"revenue": "revenue - 0.01"},
            "order_date = '2026-03-01' AND model = 'linear'",
            "order_date 2026-03-01, currency GBP, model linear: revenue differs by -0.01",
        ),
        (
            "paths_daily",
            {"sessions": "sessions + 1"},
            "session_date = '2026-03-04' AND step_number = 1",
            "feed shop, session_date 2026-03-04: sessions differs by +1",
        ),
        (
            "funnel_daily",
            {"purchase_sessions": "purchase_sessions + 1"},
            "event_date = '2026-03-04'",
            "more sessions reach a step than the one before: feed shop, event_date 2026-03-04: purchase differs by +1",
        ),
    ],
)
def test_a_changed_cent_or_session_is_named_with_its_tie_and_day(at_once, table, changes, where, expected):
    lake, _ = at_once
    stored = DeltaTable(lake.path(f"gold.{table}"))
    before = stored.version()

    stored.update(changes, predicate=where)
    problems = [str(each) for each in tie_problems(lake.engine, lake.catalog)]
    stored.restore(before)

    assert any(expected in problem for problem in problems if problem.startswith(f"gold.{table}: ")), problems


@pytest.mark.slow
def test_a_new_day_leaves_the_credits_of_months_before_as_they_are(at_once):
    lake, folder = at_once
    before = partitions(folder, "gold/attribution_touches", "order_date")
    landing = folder.parent / "landing"
    new = order(70, "2026-05-20", "ann")
    drop(landing, "orders/new.json", new)
    drop(landing, "events/new.json", event(900, event_ts="2026-05-20T09:00:00Z", user_id="ann"))

    lake.run()

    after = partitions(folder, "gold/attribution_touches", "order_date")
    assert set(after) - set(before) == {"2026-05-20"}
    assert same_files(before, after) == set(before)

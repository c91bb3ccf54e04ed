"""One build of the small shop against an oracle in plain Python, and against what the shop itself wrote down."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ..lakes import listed, totals
from . import oracle

if TYPE_CHECKING:
    from ..conftest import Shop

MEASURES = ("orders", "units_sold", "gross_sales", "discounts", "shipping", "returns")
VISIT = ("visitor_id", "started_at", "ended_at", "session_date", "events", "steps_reached", "revenue")


@pytest.fixture(scope="module")
def events(shop: Shop) -> dict[str, oracle.Event]:
    return oracle.events(shop.landing.glob("events/*"))


def test_every_good_event_is_in_silver_once_and_its_earliest_version_counts(shop: Shop, events):
    kept = {row["event_id"]: row for row in listed(shop.lake, "silver/events")}

    assert len(kept) == len(listed(shop.lake, "silver/events")) == shop.ground_truth["events"]
    assert {id: (e.at, e.day, e.name, e.visitor, e.product, e.is_bot) for id, e in events.items()} == {
        id: (row["event_at"], row["event_date"], row["event_name"], row["visitor_id"], row["product_id"], row["is_bot"])
        for id, row in kept.items()
    }


def test_the_visits_are_those_of_the_half_hour_rule(shop: Shop, events):
    built = [tuple(row[name] for name in VISIT) for row in listed(shop.lake, "silver/sessions")]

    assert sorted(built) == sorted(visit.reported() for visit in oracle.visits(events.values()))
    assert len(built) == shop.ground_truth["sessions"]


def test_the_funnel_of_each_day_counts_visitors_and_visits_in_order(shop: Shop, events):
    names = [*[f"{step}_visitors" for step in oracle.STEPS], *[f"{step}_sessions" for step in oracle.STEPS]]
    rows = listed(shop.lake, "gold/funnel_daily")

    assert {row["event_date"]: tuple(row[name] for name in names) for row in rows} == oracle.funnel(events.values())
    reported = shop.ground_truth["funnel_daily"], shop.ground_truth["funnel_sessions_daily"]
    for row in rows:
        day = str(row["event_date"])
        assert [row[name] for name in names] == [*reported[0][day].values(), *reported[1][day].values()]


def test_the_sales_of_each_day_are_those_of_the_orders_and_refunds_of_that_day(shop: Shop):
    expected = oracle.sales(shop.landing.glob("orders/*"), shop.landing.glob("refunds/*"))
    rows = {row["sales_date"]: row for row in listed(shop.lake, "gold/sales_daily")}

    assert rows.keys() == expected.keys()
    for day, sums in expected.items():
        assert {name: rows[day][name] for name in MEASURES} == {name: sums[name] for name in MEASURES}


def test_the_totals_are_those_the_shop_wrote_down(shop: Shop):
    days = listed(shop.lake, "gold/sales_daily")
    for name in ("gross_sales", "discounts", "returns", "net_sales", "shipping"):
        assert sum(row[name] for row in days) == Decimal(shop.ground_truth[name])
    assert sum(row["orders"] for row in days) == shop.ground_truth["orders"]
    assert sum(row["revenue"] for row in listed(shop.lake, "gold/purchases")) == Decimal(
        shop.ground_truth["event_revenue"]
    )
    paid = [row["amount"] for row in listed(shop.lake, "silver/payments") if row["status"] == "paid"]
    assert (len(paid), sum(paid)) == (
        shop.ground_truth["payments"]["paid"],
        Decimal(shop.ground_truth["payments"]["paid_total"]),
    )


def test_every_day_has_the_events_and_visits_the_shop_wrote_down(shop: Shop):
    events = Counter(row["event_date"] for row in listed(shop.lake, "silver/events"))
    visits = Counter(row["session_date"] for row in listed(shop.lake, "silver/sessions"))

    assert events == {date.fromisoformat(day): n for day, n in shop.ground_truth["events_daily"].items()}
    assert visits == {date.fromisoformat(day): n for day, n in shop.ground_truth["sessions_daily"].items()}


@pytest.mark.parametrize("dimension", ["customers", "products"])
def test_a_dimension_has_the_versions_the_shop_wrote_down(shop: Shop, dimension):
    versions = listed(shop.lake, f"silver/{dimension}")

    assert len(versions) == shop.ground_truth[dimension]["versions"]
    assert sum(row["is_current"] for row in versions) == shop.ground_truth[dimension]["ids"]


def test_every_record_is_good_or_quarantined_or_a_duplicate_to_the_row(shop: Shop):
    expected = shop.ground_truth["duplicates"]["events"]
    counts = totals(shop.lake, "silver/events")

    assert counts == {
        "rows_read": shop.ground_truth["lines"]["events"],
        "rows_written": shop.ground_truth["events"],
        "rows_quarantined": sum(shop.ground_truth["quarantined"]["events"].values()),
        "rows_duplicate": expected["exact"] + expected["conflicting"],
        "rows_conflicting": expected["conflicting"],
    }
    assert counts["rows_read"] == counts["rows_written"] + counts["rows_quarantined"] + counts["rows_duplicate"]


@pytest.mark.parametrize("stream", ["events", "customers", "products"])
def test_the_quarantine_has_each_bad_record_once(shop: Shop, stream):
    aside = listed(shop.lake, f"silver/{stream}_quarantine")

    assert len(aside) == sum(shop.ground_truth["quarantined"][stream].values())
    assert all(row["reasons"] and row["raw"] and row["file"] for row in aside)

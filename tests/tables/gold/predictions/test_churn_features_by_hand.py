"""Features and outcomes around midnights, windows and the times at which rows became known, in plain Python.

Each feed is a shop in a zone of its own, so that many shops cost one query.
"""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.gold.predictions.churn_training_sets import churn_training_sets
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.features.churn_features import CHURN_FEATURES
from shoplake.transforms.features.point_in_time import Knowledge
from tests.benchmarks.nasty.times import DAY, MICROSECOND

SHOPS, NEVER = 24, 9_999
ZONES = ("Europe/London", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo")
AS_OF = (date(2024, 3, 10), date(2024, 3, 31), date(2024, 6, 29), date(2025, 3, 31))
"""Two days on which clocks change; one that is 90 days after the second, and one a year after it."""
AGES = (0, 0, 0, 1, 29, 30, 31, 89, 90, 91, 364, 365, 366, -1, -89, -90)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Shop:
    """Lines and events of two customers and a guest, at the midnights that begin or end a window."""

    def __init__(self, chance, number):
        zone = chance.choice(ZONES)
        self.feed, self.zone = Feed(f"shop {number}", ZENITH, "landing", zone, "GBP"), ZoneInfo(zone)
        self.backfilled_at = self.draw_time(chance)
        who = ("a", "a", "a", "b", None)
        self.lines = [self.draw_line(chance, chance.choice(who)) for _ in range(20)]
        self.events = [self.draw_event(chance, chance.choice(who)) for _ in range(20)]

    def day(self, at):
        return at.astimezone(self.zone).date()

    def draw_time(self, chance):
        day = chance.choice(AS_OF) - chance.choice(AGES) * DAY
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
        return midnight + chance.choice((-MICROSECOND, timedelta(0), timedelta(hours=12)))

    def draw_row(self, chance, customer, at):
        known = chance.choice((LONG_AGO, at, at + timedelta(hours=1), self.draw_time(chance)))
        return {"feed": self.feed.name, "customer_id": customer, "ingested_at": known}

    def draw_line(self, chance, customer):
        at, kind = self.draw_time(chance), chance.choice(("sale", "sale", "sale", "return"))
        cells = {"ordered_at": at, "kind": kind, "line_class": chance.choice(("goods", "goods", "goods", "discount"))}
        cells |= {"product_id": chance.choice(("p", "q", None)), "quantity": chance.choice((1, 5, None))}
        return self.draw_row(chance, customer, at) | cells | {"status": chance.choice((None, None, "cancelled"))}

    def draw_event(self, chance, customer):
        at, paid = self.draw_time(chance), chance.choice((("google", "cpc"), (None, None)))
        cells = {"event_at": at, "event_name": chance.choice(("product_view", "add_to_cart")), "utm_source": paid[0]}
        cells |= {"utm_medium": paid[1], "device": chance.choice(("mobile", None)), "is_bot": chance.random() < 0.2}
        return self.draw_row(chance, customer, at) | cells

    def past(self, rows, at, customer, as_of):
        """The rows of a customer that happened before a day and were known by then, each with its age in days."""
        own = [row for row in rows if row["customer_id"] == customer and self.day(row[at]) < as_of]
        known = [row for row in own if row["ingested_at"] <= self.backfilled_at or self.day(row["ingested_at"]) < as_of]
        return [((as_of - self.day(row[at])).days, row) for row in known]

    def features(self, customer, as_of):
        """The features in the order of the table; None for a customer without an order in the year before."""
        lines = [(age, row) for age, row in self.past(self.lines, "ordered_at", customer, as_of) if not row["status"]]
        goods = [(age, row) for age, row in lines if row["line_class"] == "goods"]
        sales = [(age, row) for age, row in goods if row["kind"] == "sale"]
        visits = [(age, row) for age, row in self.past(self.events, "event_at", customer, as_of) if not row["is_bot"]]
        ages, seen = sorted({age for age, _ in sales}), {age for age, _ in visits}
        year = [row for age, row in sales if age <= 365]
        if not year:
            return None
        gap = (ages[-1] - ages[0]) / (len(ages) - 1) if len(ages) > 1 else 0
        return (
            *(ages[0], ages[-1], len(ages), within(ages, 365), within(ages, 90), gap, ages[0] / gap if gap else 0),
            sum(row["quantity"] or 0 for row in year),
            len({row["product_id"] for row in year} - {None}),
            len({age for age, row in lines if row["line_class"] == "discount"}),
            within({age for age, row in goods if row["kind"] == "return"}, 365),
            *(min(seen, default=NEVER), within(seen, 30), within(seen, 90)),
            sum(age <= 90 and row["event_name"] == "product_view" for age, row in visits),
            sum(age <= 90 and row["event_name"] == "add_to_cart" for age, row in visits),
            within({age for age, row in visits if row["device"] == "mobile"}, 365),
            within({age for age, row in visits if row["utm_source"]}, 365),
        )

    def is_churned(self, customer, as_of):
        """Whether no goods are ordered in the 90 days from a day on, known or not."""
        own = [row for row in self.lines if row["customer_id"] == customer and not row["status"]]
        sales = [row for row in own if (row["line_class"], row["kind"]) == ("goods", "sale")]
        return not any(0 <= (self.day(row["ordered_at"]) - as_of).days < 90 for row in sales)


def within(ages, window):
    """How many days are no older than a window."""
    return sum(age <= window for age in ages)


@pytest.fixture(scope="module")
def shops():
    chance = Random(3)
    return [Shop(chance, number) for number in range(SHOPS)]


@pytest.fixture
def found(some, shops):
    """The rows of the features, and those of the training set, by feed, customer and day."""
    feeds, knowledge = (
        [each.feed for each in shops],
        Knowledge(None, {each.feed.name: each.backfilled_at for each in shops}),
    )
    lines = some(order_lines, *[row for shop in shops for row in shop.lines])
    visits = some(events, *[row for shop in shops for row in shop.events])
    features = churn_features(lines, visits, feeds=feeds, as_of=AS_OF, knowledge=knowledge).collect()
    again = some(churn_features, *[row.asDict() for row in features])
    labels = churn_training_sets(again, lines, feeds=feeds, splits=dict.fromkeys(AS_OF, "train")).collect()
    return [{(row.feed, row.customer_id, row.as_of_date): row for row in rows} for rows in (features, labels)]


def test_features_and_outcomes_are_those_of_plain_python(found, shops):
    features, labels = found
    expected = {
        (shop.feed.name, customer, as_of): (shop.features(customer, as_of), shop.is_churned(customer, as_of))
        for shop in shops
        for customer in "ab"
        for as_of in AS_OF
    }

    names = [each.name for each in CHURN_FEATURES]
    assert {key: (tuple(row[name] for name in names), labels[key].is_churned) for key, row in features.items()} == {
        key: (cells, is_churned) for key, (cells, is_churned) in expected.items() if cells is not None
    }
    assert labels.keys() == features.keys()

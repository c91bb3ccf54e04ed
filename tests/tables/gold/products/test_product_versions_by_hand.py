"""Stock-outs and changes of price around local midnights and changes of clocks, in plain Python.

Each feed is a shop in a zone of its own, so that many shops cost one query.
"""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.gold.products.price_changes import price_changes
from shoplake.tables.gold.products.stockout_days import stockout_days
from shoplake.tables.gold.sales.product_performance_daily import product_performance_daily
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products
from tests.benchmarks.nasty.times import DAY, ERAS, MICROSECOND, boundaries, moment

SHOPS = 16


class Shop:
    """The versions of one product, and its days and lines of orders, near the same few instants."""

    def __init__(self, chance, number):
        zone = chance.choice(sorted(ERAS))
        self.feed, self.zone = Feed(f"shop {number}", ZENITH, "landing", zone, "GBP"), ZoneInfo(zone)
        self.instants = [at for day in chance.sample(ERAS[zone], 2) for at in boundaries(zone, day)]
        self.key = {"feed": self.feed.name, "product_id": "p"}
        self.versions = self.draw_versions(chance)
        self.days = [
            self.key | {"event_date": day, "views": chance.choice((0, 5)), "units": chance.choice((0, 1, 7))}
            for day in {self.day(moment(chance, self.instants)) for _ in range(6)}
        ]
        self.lines = [self.draw_line(chance, place) for place in range(12)]

    def day(self, at):
        return at.astimezone(self.zone).date()

    def draw_versions(self, chance):
        starts = sorted({moment(chance, self.instants) + chance.randint(-2, 2) * DAY for _ in range(6)})
        found = []
        for start, after in zip(starts, [*starts[1:], None], strict=True):
            end = after if chance.random() < 0.8 else start + (after - start) / 2 if after else start + DAY
            facts = {
                "price": chance.choice((None, "0", "1", "2.5")),
                "is_available": chance.choice((True, False, None)),
            }
            found.append(self.key | facts | {"valid_from": start, "valid_to": end})
        return found

    def draw_line(self, chance, place):
        day = self.day(moment(chance, self.instants)) + chance.randint(-9, 9) * DAY
        kind, line_class = chance.choice(("sale", "sale", "return")), chance.choice(("goods", "goods", "shipping"))
        cells = {"order_id": f"o{place}", "order_date": day, "kind": kind, "line_class": line_class}
        cells |= {"quantity": chance.choice((1, 2, None)), "status": chance.choice((None, "cancelled"))}
        return self.key | cells

    def outages(self):
        """The times without a break in which it is unavailable, or gone before it comes back."""
        spans = []
        for version, after in zip(self.versions, [*self.versions[1:], None], strict=True):
            spans += [[version["valid_from"], version["valid_to"]]] * (version["is_available"] is False)
            is_gone = after is not None and version["valid_to"] < after["valid_from"]
            spans += [[version["valid_to"], after["valid_from"]]] if is_gone else []
        joined = spans[:1]
        for start, end in spans[1:]:
            if joined[-1][1] == start:
                joined[-1][1] = end
            else:
                joined.append([start, end])
        return joined

    def stockouts(self, days):
        """By day: since when, whether for the whole day, views, units, and usual units."""
        first, last = (edge(each["event_date"] for each in self.days) for edge in (min, max))
        found = {}
        for day in (first + number * DAY for number in range((last - first).days + 1)):
            begun = [(start, end) for start, end in self.outages() if self.day(start) <= day]
            if spans := [(start, end) for start, end in begun if end is None or self.day(end - MICROSECOND) >= day]:
                since = min(self.day(start) for start, _ in spans)
                own = [each for each in self.days if each["event_date"] == day]
                sold = sum(each["units"] for each in self.days if 1 <= (since - each["event_date"]).days <= days)
                known = max(0, min(days, (since - first).days))
                found[self.feed.name, day] = (
                    *(since, any(self.fills(day, *span) for span in spans)),
                    *(sum(each["views"] for each in own), sum(each["units"] for each in own)),
                    sold / known if known else None,
                )
        return found

    def fills(self, day, start, end):
        """Whether a time begins before a day, or with it, and ends after it."""
        return self.day(start - MICROSECOND) < day and (end is None or self.day(end) > day)

    def changes(self, days):
        """By time: old and new price, units before and after, and whether they are complete or it changes again."""
        sales = [each for each in self.lines if (each["kind"], each["line_class"]) == ("sale", "goods")]
        sold = [(each["order_date"], each["quantity"] or 0) for each in sales if each["status"] is None]
        priced = [(each["valid_from"], Decimal(each["price"])) for each in self.versions if each["price"]]
        steps = [(at, old, new) for (_, old), (at, new) in pairwise(priced) if old != new]
        found = {}
        for at, old, new in steps:
            distances = [((day - self.day(at)).days, quantity) for day, quantity in sold]
            reached = [number for number, _ in distances] or [0]
            others = [abs((self.day(other) - self.day(at)).days) <= days for other, _, _ in steps if other != at]
            found[self.feed.name, at] = (
                *(old, new, sum(quantity for number, quantity in distances if -days <= number < 0)),
                sum(quantity for number, quantity in distances if 0 < number <= days),
                *(min(reached) <= -days and max(reached) >= days, any(others)),
            )
        return found


@pytest.fixture(params=[2, pytest.param(7, marks=pytest.mark.slow)])
def shops(request):
    """Shops, and in how many days around a change or before a stock-out they look for sales."""
    chance = Random(request.param)
    return [Shop(chance, number) for number in range(SHOPS)], request.param


def test_days_of_stockouts_are_those_of_plain_python(some, shops):
    drawn, days = shops
    inputs = ((products, "versions"), (product_performance_daily, "days"))
    frames = [some(table, *[row for shop in drawn for row in getattr(shop, name)]) for table, name in inputs]

    rows = stockout_days(*frames, feeds=[shop.feed for shop in drawn], days=days).collect()

    assert {tuple(row)[:1] + tuple(row)[2:3]: tuple(row)[3:] for row in rows} == {
        key: cells for shop in drawn for key, cells in shop.stockouts(days).items()
    }


def test_changes_of_prices_are_those_of_plain_python(some, shops):
    drawn, days = shops
    inputs = ((products, "versions"), (order_lines, "lines"))
    frames = [some(table, *[row for shop in drawn for row in getattr(shop, name)]) for table, name in inputs]

    rows = price_changes(*frames, feeds=[shop.feed for shop in drawn], days=days).collect()

    names = ("old_price", "new_price", "units_before", "units_after", "is_complete", "has_other_change")
    assert {(row.feed, in_utc(row.changed_at)): tuple(row[name] for name in names) for row in rows} == {
        key: cells for shop in drawn for key, cells in shop.changes(days).items()
    }


def in_utc(at: datetime) -> datetime:
    """A time as the client returns it, with its zone."""
    return at.replace(tzinfo=at.tzinfo or UTC)

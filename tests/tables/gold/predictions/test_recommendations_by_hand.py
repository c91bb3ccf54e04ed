"""Lists of products that no pair fills, in plain Python: the new ones by price, then the popular ones.

Each feed is a shop in a zone of its own, so that many shops cost one query.
"""

from datetime import UTC, date, datetime, timedelta
from math import log
from random import Random
from zoneinfo import ZoneInfo

import pytest

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.gold.predictions.recommendations import recommendations
from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.gold.products.product_pairs_daily import product_pairs_daily
from shoplake.tables.gold.products.product_sequences_daily import product_sequences_daily
from shoplake.tables.silver.products import products

SHOPS, LAST, DAY = 20, date(2024, 5, 1), timedelta(days=1)
ZONES = ("Europe/London", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe")
AGES = (0, 1, 28, 29, 30, 31, 60)


class Shop:
    """Up to 40 products, some new, unknown, gone or without a price or a category, and the baskets that had them."""

    def __init__(self, chance, number):
        self.zone = ZoneInfo(chance.choice(ZONES))
        self.feed = Feed(f"shop {number}", ZENITH, "landing", self.zone.key, "GBP")
        self.products = [f"p{place:02}" for place in range(chance.choice((1, 3, 8, 20, 40)))]
        named = [name for name in self.products if chance.random() < 0.9]
        self.versions = {name: self.draw_version(chance, name) for name in named}
        self.baskets = [row for name in self.products for row in self.draw_baskets(chance, name)]
        self.sequences = self.draw_sequence(chance) if len(self.products) > 1 else []

    def draw_version(self, chance, name):
        midnight = datetime.combine(LAST - chance.choice(AGES) * DAY, datetime.min.time(), self.zone).astimezone(UTC)
        cells = {"product_id": name, "valid_from": midnight - chance.choice((0, 1)) * timedelta(microseconds=1)}
        cells |= {
            "category": chance.choice(("toys", "toys", "books", None)),
            "is_available": chance.choice((True, None, False)),
        }
        cells |= {"price": chance.choice(("9.99", "10", "12", "100", "0", None))}
        return {"feed": self.feed.name} | cells | {"valid_to": midnight + DAY if chance.random() < 0.1 else None}

    def draw_baskets(self, chance, name):
        """Rows of baskets and sessions, on two of the days around the last thirty."""
        units = [unit for unit in ("basket", "session") if chance.random() < 0.6]
        days = chance.sample([LAST - age * DAY for age in (0, 1, 29, 30, 31)], 2)
        row = {"feed": self.feed.name, "product_id": name, "baskets_of_day": 50}
        return [
            row | {"unit": unit, "basket_date": day, "baskets": chance.choice((1, 2, 4, 5, 9))}
            for unit in units
            for day in days
        ]

    def draw_sequence(self, chance):
        viewed, bought = chance.sample(self.products, 2)
        row = {"feed": self.feed.name, "event_date": LAST, "viewed_id": viewed, "bought_id": bought}
        return [row | {"sessions": 1, "buying_sessions": 1}]

    def fact(self, name, column):
        return self.versions.get(name, {}).get(column)

    def popular(self):
        """The products that were bought and can be, the most bought of the last 30 days first."""
        rows = [row for row in self.baskets if row["unit"] == "basket"]
        last = max((row["basket_date"] for row in rows), default=LAST)
        ever, recent = {}, {}
        for row in rows:
            name, is_recent = row["product_id"], last - row["basket_date"] < 30 * DAY
            ever[name] = ever.get(name, 0) + row["baskets"]
            recent[name] = recent.get(name, 0) + row["baskets"] * is_recent
        gone = {name for name, row in self.versions.items() if row["valid_to"] or row["is_available"] is False}
        return sorted(ever.keys() - gone, key=lambda name: (-recent[name], -ever[name], name))

    def is_new(self, name):
        """Whether a product with price and category came in the last 30 days, and fewer than 5 sessions saw it."""
        last = max((row["basket_date"] for row in self.baskets), default=None)
        own = [row for row in self.baskets if row["product_id"] == name and row["unit"] == "session"]
        if last is None or not self.fact(name, "category") or self.fact(name, "price") in (None, "0"):
            return False
        first = self.fact(name, "valid_from").astimezone(self.zone).date()
        return last - first < 30 * DAY and sum(row["baskets"] for row in own) < 5

    def lists(self, length):
        """The lists by kind and product: recommended products and where they come from."""
        kinds = {("together" if row["unit"] == "basket" else "similar", row["product_id"]) for row in self.baskets}
        kinds |= {("next", row["viewed_id"]) for row in self.sequences}
        kinds |= {("similar", name) for name in self.products if self.is_new(name)}
        popular = self.popular()
        return {(self.feed.name, *key): self.list_of(*key, popular, length) for key in kinds}

    def list_of(self, kind, name, popular, length):
        category, found = self.fact(name, "category"), {}
        near = [other for other in popular if category and self.fact(other, "category") == category]
        for other in near[: 3 * length] if kind == "similar" and self.is_new(name) else []:
            if (price := float(self.fact(other, "price") or 0)) > 0:
                distance = abs(log(price / float(self.fact(name, "price"))))
                found[other] = (0, round(distance, 6), "price")
        for tier, source, others in ((1, "category", near), (2, "popular", popular)):
            for place, other in enumerate(others):
                found.setdefault(other, (tier, place, source))
        found.pop(name, None)
        ordered = sorted(found, key=lambda other: (found[other], other))
        return [(other, found[other][2]) for other in ordered[:length]]


@pytest.mark.parametrize("length", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_each_list_is_that_of_plain_python(some, length):
    chance = Random(length)
    shops = [Shop(chance, number) for number in range(SHOPS)]
    frames = [
        some(product_pairs_daily),
        some(product_baskets_daily, *[row for shop in shops for row in shop.baskets]),
        some(product_sequences_daily, *[row for shop in shops for row in shop.sequences]),
        some(products, *[row for shop in shops for row in shop.versions.values()]),
    ]

    rows = recommendations(*frames, feeds=[shop.feed for shop in shops], length=length).collect()

    expected = {key: each for shop in shops for key, each in shop.lists(length).items()}
    found = {key: [] for key in expected}
    for row in sorted(rows, key=lambda row: row["rank"]):
        found[row.feed, row.kind, row.product_id].append((row.recommended_id, row.source))
    assert found == expected

"""Lists of customers who have bought next to nothing, or nearly all that sells, in plain Python."""

from random import Random

import pytest

from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_favourites import customer_favourites
from shoplake.tables.gold.predictions.customer_recommendations import customer_recommendations
from shoplake.tables.gold.predictions.recommendations import recommendations
from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

TIERS = ("history", "category", "popular")
DAY, SINCE = "2026-05-01", "2026-01-01"
TABLES = (customer_facts, customer_favourites, order_lines, recommendations, product_baskets_daily, products)


class Shop:
    """A feed with up to 60 products, of which the first sells most, and the most that a customer has not bought."""

    def __init__(self, chance, number):
        self.feed = {"feed": f"shop {number}"}
        self.products = [f"p{place:02}" for place in range(chance.choice((1, 5, 20, 60)))]
        self.category = {name: chance.choice(("toys", "toys", "toys", "books", None)) for name in self.products}
        self.sold = {name: chance.random() > 0.1 for name in self.products}
        self.partners = {name: self.draw_partners(chance) for name in self.products}
        self.bought = {f"c{place}": self.draw_purchases(chance) for place in range(4)}
        self.favourite = {name: chance.choice((None, "toys", "books")) for name in self.bought}

    def draw_partners(self, chance):
        return {other: chance.choice((0.25, 0.5)) for other in self.products if chance.random() < 0.04}

    def draw_purchases(self, chance):
        """The most popular products but a few, or a few; no more than the 50 that count."""
        first = self.products[: chance.choice((0, 1, 3, 15, 40, 50))]
        return sorted({*first, *self.products[-1:]} - {*chance.sample(self.products, 1)})[:50]

    def rows(self):
        """The rows of each of `TABLES`."""
        day, pair = self.feed | {"unit": "basket", "basket_date": DAY}, self.feed | {"kind": "together", "rank": 1}
        line = self.feed | {"order_date": DAY, "kind": "sale", "line_class": "goods"}
        return (
            [self.feed | {"customer_id": name} for name in self.bought],
            [self.feed | {"customer_id": who, "favourite_category": name} for who, name in self.favourite.items()],
            [line | {"customer_id": who, "product_id": each} for who, all in self.bought.items() for each in all],
            [
                pair | {"product_id": name, "recommended_id": other, "score": score, "source": "pairs"}
                for name, others in self.partners.items()
                for other, score in others.items()
            ],
            [day | {"product_id": name, "baskets": 99 - place} for place, name in enumerate(self.products)],
            [
                self.feed | {"product_id": name, "category": category, "valid_from": SINCE, "is_available": is_sold}
                for (name, category), is_sold in zip(self.category.items(), self.sold.values(), strict=True)
            ],
        )

    def list_of(self, customer, length, most):
        """The products of a customer's list and where they come from, of all that the shop has."""
        scores = [self.partners[name] for name in self.bought[customer]]
        found = {}
        for place, name in enumerate(self.products):
            if self.sold[name] and name not in self.bought[customer]:
                score = sum(each.get(name, 0) for each in scores)
                is_liked = self.favourite[customer] == self.category[name] is not None
                found[name] = (0, -score) if score else (1, place) if is_liked else (2, place)
        counts, ordered = dict.fromkeys(self.category.values(), 0), []
        for name in sorted(found, key=lambda name: (found[name], name)):
            counts[self.category[name]] += 1
            is_surplus = self.category[name] is not None and counts[self.category[name]] > most
            ordered.append((is_surplus, *found[name], name))
        return [(name, TIERS[tier]) for _, tier, _, name in sorted(ordered)[:length]]


@pytest.mark.parametrize(("length", "most"), [(1, 1), (2, 3), pytest.param(4, 1, marks=pytest.mark.slow)])
def test_each_list_is_as_long_as_the_shop_allows_and_in_order(some, length, most):
    chance = Random(length)
    shops = {f"shop {number}": Shop(chance, number) for number in range(40)}
    inputs = [
        [row for shop in each for row in shop] for each in zip(*[shop.rows() for shop in shops.values()], strict=True)
    ]

    frames = [some(table, *rows) for table, rows in zip(TABLES, inputs, strict=True)]
    rows = customer_recommendations(*frames, length=length, max_of_category=most).collect()

    lists = {(name, customer): [] for name, shop in shops.items() for customer in shop.bought}
    for row in sorted(rows, key=lambda row: row["rank"]):
        lists[row.feed, row.customer_id].append((row.product_id, row.source))
    assert lists == {(name, who): shops[name].list_of(who, length, most) for name, who in lists}

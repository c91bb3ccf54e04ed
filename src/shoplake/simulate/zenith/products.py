"""The products on the shelves: what they are called and what they cost when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from shoplake.simulate.calendar import DAY
from shoplake.simulate.rng import Flags, between, chance_of, weighted

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.shop import Shop

PRICE_CHANGES = 0.08
NEVER = np.iinfo(np.int64).max


class Category(NamedTuple):
    """A kind of goods: what such things are called and what they cost, in whole currency units."""

    name: str
    nouns: tuple[str, ...]
    cheapest: int
    dearest: int


CATEGORIES = (
    Category("Kitchen", ("Café Mug", "Crêpe Pan", "Chef's Knife 8\"", "Tea Towel", "Salt & Pepper Set"), 4, 90),
    Category("Living Room", ("Cushion", "Throw, Wool", "Table Lamp", "Picture Frame, 30×40", "Vase"), 8, 140),
    Category("Bedroom", ("Duvet Cover", "Pillow", "Linen Sheet", "Bedside Light"), 12, 180),
    Category("Garden", ("Plant Pot", "Lantern", "Watering Can, 5 l", "Bird Feeder", "Fire Bowl"), 5, 220),
    Category("Clothing", ("T-Shirt", "Jumper", "Raincoat", "Scarf", "Socks, 3 Pairs"), 6, 160),
    Category("Shoes", ("Trainers", "Ankle Boots", "Sandals", "Slippers"), 15, 190),
    Category("Electronics", ('Monitor 27"', "Headphones", "Charger, USB-C", "Speaker", "Keyboard"), 12, 480),
    Category("Toys", ("Building Blocks", "Jigsaw, 1000 Pieces", "Teddy Bear", "Kite"), 5, 70),
    Category("Beauty", ("Hand Cream", "Crème de Nuit", "Shampoo", "Soap Bar"), 3, 60),
    Category("Stationery", ("Notebook A5", "Fountain Pen", "Calendar", 'Card "Thank You"', "Gift Wrap"), 2, 45),
)
STYLES = ("Classic", "Nordic", "Vintage", "Ivory", "Ruby", "Midnight", "Rosé", "Oak", "Slate", "Lumière", "Mini", "Pro")


class Catalogue:
    """All products, their price now and from some moment before the next snapshot on. Money is in cents."""

    def __init__(self, shop: Shop, calendar: Calendar) -> None:
        chance = chance_of(shop.seed, "products")
        self._seed, self._calendar, count = shop.seed, calendar, shop.products
        self.ids = [f"P{number:06}" for number in range(1, count + 1)]
        kind = weighted(chance, tuple(len(category.nouns) for category in CATEGORIES), count)
        self.names, self.categories = _named(chance, kind)
        self.price, self.cost = _priced(chance, kind)
        opened = int(calendar.starts[0])
        self.updated_at = between(chance, opened - 300 * DAY, opened - DAY, count)
        self.next_price = self.price.copy()
        self.next_from = np.full(count, NEVER, dtype=np.int64)
        self.versions = count

    def advance(self, day: int) -> None:
        """Come to the snapshot of `day`: pending prices hold, and new ones are set for the time until the next."""
        changed = self.next_from != NEVER
        self.price = self.next_price.copy()
        self.updated_at = np.where(changed, self.next_from, self.updated_at)
        self.versions += int(changed.sum())
        self.next_from[:] = NEVER
        between_snapshots = self._calendar.until_next_snapshot(day)
        if between_snapshots:
            self._plan_prices(day, *between_snapshots)

    def _plan_prices(self, day: int, after: int, before: int) -> None:
        chance = chance_of(self._seed, "prices", day)
        count = len(self.price)
        changes: Flags = chance.random(count) < PRICE_CHANGES
        if day == 0:
            changes[int(chance.integers(count))] = True
        factor = between(chance, 75, 126, count)
        wanted = _rounded(self.price * factor // 100)
        wanted = np.where((wanted == self.price) | (wanted <= self.cost), self.price + 100, wanted)
        self.next_price = np.where(changes, wanted, self.price)
        self.next_from = np.where(changes, between(chance, after + 1, before, count), NEVER)

    def has_next_price(self, product: Ints, at: Ints) -> Flags:
        """Whether at that moment the product's next price holds already."""
        is_next: Flags = at >= self.next_from[product]
        return is_next

    def price_at(self, product: Ints, at: Ints) -> Ints:
        """What the products cost at those moments, which lie between this snapshot and the next."""
        return np.where(self.has_next_price(product, at), self.next_price[product], self.price[product])

    def snapshot(self) -> pa.Table:
        """The full snapshot as of the day come to."""
        columns = {
            "product_id": pa.array(self.ids),
            "product_name": pa.array(self.names),
            "category": pa.array(self.categories),
            "price": decimals(self.price),
            "cost": decimals(self.cost),
            "updated_at": pa.array(self.updated_at * 1000).cast(pa.timestamp("us", "UTC")),
        }
        return pa.table(columns)


def decimals(cents: Ints) -> pa.Array:
    """Cents as decimal(18,2)."""
    halves = np.stack([cents, cents >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(halves)])


def _named(chance: np.random.Generator, kind: Ints) -> tuple[list[str], list[str]]:
    style = chance.integers(0, len(STYLES), len(kind)).tolist()
    noun = chance.integers(0, 60, len(kind)).tolist()
    categories = [CATEGORIES[each] for each in kind.tolist()]
    names = [
        f"{STYLES[s]} {category.nouns[n % len(category.nouns)]}"
        for s, n, category in zip(style, noun, categories, strict=True)
    ]
    return names, [category.name for category in categories]


def _priced(chance: np.random.Generator, kind: Ints) -> tuple[Ints, Ints]:
    low = np.array([category.cheapest for category in CATEGORIES], dtype=np.int64)[kind] * 100
    high = np.array([category.dearest for category in CATEGORIES], dtype=np.int64)[kind] * 100
    price = _rounded((low + (high - low) * chance.random(len(kind)) ** 3).astype(np.int64))
    return price, price * between(chance, 35, 70, len(kind)) // 100


def _rounded(cents: Ints) -> Ints:
    """A price nearby that ends in .99, .95, .49 or .00, as shops like them."""
    whole = np.maximum(cents, 100) // 100 * 100
    ending = np.array([99, 49, 0, 99, 95], dtype=np.int64)[cents % 5]
    return whole + ending

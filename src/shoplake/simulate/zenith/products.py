"""Products with their names, categories and prices over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from shoplake.simulate.calendar import DAY
from shoplake.simulate.rng import Flags, draw_integers, draw_weighted, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.shop import Shop

PRICE_CHANGES = 0.08
NEVER = np.iinfo(np.int64).max


class Category(NamedTuple):
    """A product category: its nouns and price range in whole currency units."""

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


class Products:
    """All products with their current price and the next one, valid from `next_from`. Money is in cents."""

    def __init__(self, shop: Shop, calendar: Calendar) -> None:
        rng = rng_for(shop.seed, "products")
        self._seed, self._calendar, count = shop.seed, calendar, shop.products
        self.ids = [f"P{number:06}" for number in range(1, count + 1)]
        category_number = draw_weighted(rng, tuple(len(category.nouns) for category in CATEGORIES), count)
        self.names, self.categories = _draw_names(rng, category_number)
        self.price, self.cost = _draw_prices(rng, category_number)
        opened = int(calendar.starts[0])
        self.updated_at = draw_integers(rng, opened - 300 * DAY, opened - DAY, count)
        self.next_price = self.price.copy()
        self.next_from = np.full(count, NEVER, dtype=np.int64)
        self.versions = count

    def advance(self, day: int) -> None:
        """Advance to the snapshot of `day`: apply pending prices and plan those until the next snapshot."""
        changed = self.next_from != NEVER
        self.price = self.next_price.copy()
        self.updated_at = np.where(changed, self.next_from, self.updated_at)
        self.versions += int(changed.sum())
        self.next_from[:] = NEVER
        between_snapshots = self._calendar.snapshot_interval(day)
        if between_snapshots:
            self._plan_prices(day, *between_snapshots)

    def _plan_prices(self, day: int, after: int, before: int) -> None:
        rng = rng_for(self._seed, "prices", day)
        count = len(self.price)
        changes: Flags = rng.random(count) < PRICE_CHANGES
        if day == 0:
            changes[int(rng.integers(count))] = True
        factor = draw_integers(rng, 75, 126, count)
        wanted = _round_prices(self.price * factor // 100)
        wanted = np.where((wanted == self.price) | (wanted <= self.cost), self.price + 100, wanted)
        self.next_price = np.where(changes, wanted, self.price)
        self.next_from = np.where(changes, draw_integers(rng, after + 1, before, count), NEVER)

    def has_next_price(self, product: Ints, at: Ints) -> Flags:
        """Whether the product's next price is valid at `at` (UTC ms)."""
        is_next: Flags = at >= self.next_from[product]
        return is_next

    def price_at(self, product: Ints, at: Ints) -> Ints:
        """Return the prices at times between this snapshot and the next, in cents."""
        return np.where(self.has_next_price(product, at), self.next_price[product], self.price[product])

    def snapshot(self) -> pa.Table:
        """Return the full snapshot of the current day."""
        columns = {
            "product_id": pa.array(self.ids),
            "product_name": pa.array(self.names),
            "category": pa.array(self.categories),
            "price": to_decimals(self.price),
            "cost": to_decimals(self.cost),
            "updated_at": pa.array(self.updated_at * 1000).cast(pa.timestamp("us", "UTC")),
        }
        return pa.table(columns)


def to_decimals(cents: Ints) -> pa.Array:
    """Convert cents to decimal(18,2)."""
    halves = np.stack([cents, cents >> 63], axis=1)
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(halves)])


def _draw_names(rng: np.random.Generator, category_number: Ints) -> tuple[list[str], list[str]]:
    style = rng.integers(0, len(STYLES), len(category_number)).tolist()
    noun = rng.integers(0, 60, len(category_number)).tolist()
    categories = [CATEGORIES[each] for each in category_number.tolist()]
    names = [
        f"{STYLES[s]} {category.nouns[n % len(category.nouns)]}"
        for s, n, category in zip(style, noun, categories, strict=True)
    ]
    return names, [category.name for category in categories]


def _draw_prices(rng: np.random.Generator, category_number: Ints) -> tuple[Ints, Ints]:
    low = np.array([category.cheapest for category in CATEGORIES], dtype=np.int64)[category_number] * 100
    high = np.array([category.dearest for category in CATEGORIES], dtype=np.int64)[category_number] * 100
    price = _round_prices((low + (high - low) * rng.random(len(category_number)) ** 3).astype(np.int64))
    return price, price * draw_integers(rng, 35, 70, len(category_number)) // 100


def _round_prices(cents: Ints) -> Ints:
    """Round to a nearby price that ends in .99, .95, .49 or .00."""
    whole = np.maximum(cents, 100) // 100 * 100
    ending = np.array([99, 49, 0, 99, 95], dtype=np.int64)[cents % 5]
    return whole + ending

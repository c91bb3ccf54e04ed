"""Products with one variant each, whose prices change; one in twenty-five is a gift card."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.simulate.text import format_money

if TYPE_CHECKING:
    from shoplake.simulate.shopify.shop import Shop

FIRST_PRODUCT_ID = 6_800_000_000
FIRST_VARIANT_ID = 41_000_000_000
GIFT_CARD_EVERY = 25
CATEGORIES = ("Mugs", "Lamps", "Cushions", "Notebooks", "Candles")
VENDORS = ("Acme", "Northwind", "Fern & Co")
PRICE_CHANGE_RATE = 0.01
"""The chance of a new price, per product and day."""


@dataclass(frozen=True)
class Product:
    """A product; `prices` are (since, cents) in order of time."""

    number: int
    is_gift_card: bool
    vendor: str
    prices: tuple[tuple[int, int], ...]

    @property
    def id(self) -> int:
        """The product's id."""
        return FIRST_PRODUCT_ID + self.number

    @property
    def variant_id(self) -> int:
        """The id of its only variant."""
        return FIRST_VARIANT_ID + self.number

    @property
    def category(self) -> str:
        """The product type."""
        return "Gift cards" if self.is_gift_card else CATEGORIES[self.number % len(CATEGORIES)]

    @property
    def title(self) -> str:
        """The product's name."""
        return f"{self.category.removesuffix('s')} no. {self.number}"

    @property
    def sku(self) -> str:
        """The stock number of the variant."""
        return f"SKU-{self.number:05}"

    def price_at(self, at: int) -> int:
        """Return the price in cents at a time (UTC seconds)."""
        return self.prices[max(0, bisect_right(self.prices, (at, 2**62)) - 1)][1]


def draw_products(shop: Shop) -> list[Product]:
    """Draw the products and their prices over the shop's days."""
    rng = shop.rng("products")
    products = []
    for number in range(shop.products):
        is_gift_card = number % GIFT_CARD_EVERY == GIFT_CARD_EVERY - 1
        prices = [(shop.starts[0], 2_500 if is_gift_card else rng.randrange(199, 9_999))]
        for midnight in shop.starts[1:-1]:
            if not is_gift_card and rng.random() < PRICE_CHANGE_RATE:
                prices.append((midnight + rng.randrange(3_600), prices[-1][1] + rng.choice((-50, -1, 1, 100))))
        products.append(Product(number, is_gift_card, rng.choice(VENDORS), tuple(prices)))
    return products


def product_body(shop: Shop, product: Product, at: int) -> dict[str, Any]:
    """Return the body of a product as of a change of its price."""
    changed_at = shop.local_time(at).isoformat()
    variant = {"id": product.variant_id, "product_id": product.id, "title": "Default Title", "sku": product.sku}
    return {
        "id": product.id,
        "title": product.title,
        "product_type": product.category,
        "vendor": product.vendor,
        "handle": product.sku.lower(),
        "status": "active",
        "published_at": shop.local_time(shop.starts[0]).isoformat(),
        "updated_at": changed_at,
        "variants": [variant | {"price": format_money(product.price_at(at))}],
    }

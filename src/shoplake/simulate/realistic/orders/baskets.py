"""What is in each order: its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.realistic.planted.assortment import SHIPPING_MARGIN
from shoplake.simulate.rng import draw_weighted

if TYPE_CHECKING:
    from shoplake.simulate.realistic.catalogue import Catalogue
    from shoplake.simulate.rng import Flags, Ints

MORE_LINES_RATE = 0.42
MAX_LINES = 12
QUANTITY_SHARES = (84.0, 11.0, 3.0, 2.0)


@dataclass(frozen=True)
class Lines:
    """Order lines by order; `number` counts from 1 within the order."""

    order: Ints
    number: Ints
    product: Ints
    quantity: Ints

    def __len__(self) -> int:
        return len(self.order)

    def take(self, which: Ints | Flags) -> Lines:
        """Return the selected lines."""
        return Lines(self.order[which], self.number[which], self.product[which], self.quantity[which])

    def of_orders(self, kept: Flags) -> Lines:
        """Return the lines of the orders that are kept, which are numbered again from 0."""
        chosen = self.take(kept[self.order])
        return Lines((np.cumsum(kept) - 1)[chosen.order], chosen.number, chosen.product, chosen.quantity)


def draw_baskets(rng: np.random.Generator, at: Ints, catalogue: Catalogue) -> Lines:
    """Draw the lines of orders that are placed at `at` (UTC ms).

    No product is twice in an order. What is out of stock is replaced by the best seller that is in stock.
    """
    counts = np.minimum(rng.geometric(1 - MORE_LINES_RATE, len(at)), MAX_LINES)
    order = np.repeat(np.arange(len(at)), counts)
    product, assortment = catalogue.popularity.draw(rng, len(order)), catalogue.assortment
    more_orders, companions = assortment.companions(rng, order, product)
    order, product = np.concatenate([order, more_orders]), np.concatenate([product, companions])
    is_out = assortment.is_out(product, at[order], margin=SHIPPING_MARGIN)
    return number_lines(rng, order, np.where(is_out, assortment.substitute, product), len(catalogue.ids))


def number_lines(rng: np.random.Generator, order: Ints, product: Ints, products: int) -> Lines:
    """Build lines with their numbers within each order; a product that is twice in an order stays once."""
    distinct = np.unique(order * products + product)
    order, product = distinct // products, distinct % products
    first = np.searchsorted(order, order, side="left")
    number = np.arange(len(order)) - first + 1
    return Lines(order, number, product, 1 + draw_weighted(rng, QUANTITY_SHARES, len(order)))

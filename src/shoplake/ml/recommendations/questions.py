"""The questions that an evaluation asks: what a customer buys that is new, and what is missing in a basket.

One time splits everything: what is before it is known, what is after it is asked for. A split by customer would let a
method learn from the future of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


class Sale(NamedTuple):
    """A product in an order, on the shop's local day; the customer is None for a guest."""

    order_id: str
    customer_id: str | None
    product_id: str
    day: date


@dataclass(frozen=True)
class Question:
    """What is known, and what was bought. Products are positions; `cold` ones were never sold before the split."""

    context: Mapping[int, float]
    relevant: frozenset[int]
    cold: int


def select_training_baskets(sales: Iterable[Sale], split: date) -> list[list[str]]:
    """Return the products of each order before the split, in ascending order of the orders' ids."""
    baskets: dict[str, set[str]] = {}
    for sale in sales:
        if sale.day < split:
            baskets.setdefault(sale.order_id, set()).add(sale.product_id)
    return [sorted(baskets[order]) for order in sorted(baskets)]


def ask_for_new_products(
    sales: Iterable[Sale], places: Mapping[str, int], split: date, half_life_days: float = 60
) -> list[Question]:
    """Return a question per customer with orders on both sides of the split and a product new to them after it.

    A product in the context weighs less the longer ago it was last bought: half after `half_life_days`.
    """
    history: dict[str, dict[str, date]] = {}
    later: dict[str, set[str]] = {}
    for _, customer, product, day in sales:
        if customer is None:
            continue
        if day >= split:
            later.setdefault(customer, set()).add(product)
        else:
            last = history.setdefault(customer, {})
            last[product] = max(day, last.get(product, day))
    questions = []
    for customer in sorted(history.keys() & later.keys()):
        bought = history[customer]
        context = {
            places[product]: 0.5 ** ((split - day).days / half_life_days) for product, day in sorted(bought.items())
        }
        new = later[customer] - bought.keys()
        if new:
            questions.append(_ask(context, new, places))
    return questions


def ask_for_missing_products(
    sales: Iterable[Sale], places: Mapping[str, int], split: date, seed: int = 7
) -> list[Question]:
    """Return a question per order after the split with two products or more: one of them, drawn at random, is hidden.

    Where no product of the rest was ever sold before the split, the context is empty and every list is a miss.
    """
    baskets: dict[str, set[str]] = {}
    for sale in sales:
        if sale.day >= split:
            baskets.setdefault(sale.order_id, set()).add(sale.product_id)
    generator, questions = np.random.default_rng(seed), []
    for order in sorted(baskets):
        products = sorted(baskets[order])
        if len(products) > 1:
            hidden = products[generator.integers(len(products))]
            context = {places[each]: 1.0 for each in products if each != hidden and each in places}
            questions.append(_ask(context, {hidden}, places))
    return questions


def _ask(context: dict[int, float], wanted: set[str], places: Mapping[str, int]) -> Question:
    known = frozenset(places[each] for each in wanted if each in places)
    return Question(context, known, len(wanted) - len(known))

"""Carts worked out in plain Python, event by event: nothing here knows the pipeline."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
TURNS = ("add_to_cart", "remove_from_cart", "purchase")


@dataclass
class Cart:
    visitor: str
    moves: list[dict[str, Any]] = field(default_factory=list)
    bought: list[dict[str, Any]] = field(default_factory=list)

    @property
    def left_at(self) -> datetime:
        return self.moves[-1]["event_at"]

    def items(self) -> dict[str, int]:
        pieces: Counter[str] = Counter()
        for move in self.moves:
            pieces[move["product_id"]] += move["quantity"] if move["event_name"] == "add_to_cart" else -move["quantity"]
        return {product: count for product, count in pieces.items() if count > 0}

    def value(self) -> Decimal:
        shown = {move["product_id"]: move["unit_price"] for move in self.moves if move["event_name"] == "add_to_cart"}
        return sum((count * shown[product] for product, count in self.items().items()), Decimal(0))

    def state(self, mine: list[dict[str, Any]], end: datetime) -> str:
        if self.bought:
            return "purchased"
        after = [each for each in mine if self.left_at < each["event_at"] <= self.left_at + WEEK]
        if any(each["event_name"] == "purchase" and each["product_id"] in self.items() for each in after):
            return "recovered"
        return "open" if end < self.left_at + WEEK else "abandoned"


def carts(events: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Visitor, start, last move, state, pieces and value of every cart."""
    events = list(events)
    by_visitor = defaultdict(list)
    for event in events:
        if event["event_name"] in TURNS:
            by_visitor[event["visitor_id"]].append(event)
    end = max(event["event_at"] for event in events)
    result = []
    for visitor, mine in by_visitor.items():
        mine.sort(key=lambda each: (each["event_at"], TURNS.index(each["event_name"]), each["event_id"]))
        for cart in _of(visitor, mine):
            records = cart.state(mine, end), sum(cart.items().values()), cart.value()
            result.append((visitor, cart.moves[0]["event_at"], cart.left_at, *records))
    return sorted(result)


def _of(visitor: str, mine: list[dict[str, Any]]) -> list[Cart]:
    result: list[Cart] = []
    cart: Cart | None = None
    for event in mine:
        is_purchase = event["event_name"] == "purchase"
        if cart is not None and not cart.bought and event["event_at"] - cart.left_at > HOUR:
            cart = None
        if is_purchase and cart is not None:
            cart.bought.append(event)
        elif not is_purchase:
            if cart is None or cart.bought:
                cart = Cart(visitor)
                result.append(cart)
            cart.moves.append(event)
    return result

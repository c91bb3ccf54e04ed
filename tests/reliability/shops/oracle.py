"""What a shop's raw files say, worked out in plain Python: nothing here knows the pipeline.

Records are read with `json`, judged by hand, deduplicated in a dict; visits, funnels and sales are loops.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LONDON = ZoneInfo("Europe/London")
PAUSE = timedelta(minutes=30)
STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")
NAMES = {*STEPS, "remove_from_cart"}
SPELLINGS = {"view": "product_view", "view_product": "product_view", "addtocart": "add_to_cart"}
BOT = re.compile(r"bot\b|crawl|spider|headless", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Event:
    at: datetime
    id: str
    name: str
    visitor: str
    product: str | None
    revenue: Decimal
    is_bot: bool

    @property
    def day(self) -> date:
        return self.at.astimezone(LONDON).date()


@dataclass
class Visit:
    """A visitor's events, none more than half an hour after the one before."""

    events: list[Event] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.events[0].day

    @property
    def depth(self) -> int:
        """How many steps of the funnel were reached in order; among equal times any order is in order."""
        reached = 0
        for event in sorted(self.events, key=lambda each: (each.at, STEPS.index(each.name) if _is_step(each) else -1)):
            reached += _is_step(event) and STEPS.index(event.name) == reached
        return reached

    def reported(self) -> tuple[Any, ...]:
        """Whose it was, from when to when, and what came of it."""
        bought = sum((each.revenue for each in self.events if each.name == "purchase"), Decimal(0))
        ends = (self.events[0].at, self.events[-1].at)
        return self.events[0].visitor, *ends, self.day, len(self.events), self.depth, round(bought, 2)


def _is_step(event: Event) -> bool:
    return event.name in STEPS


def records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The JSON objects in the files; lines that are none are passed over."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                found = json.loads(line, parse_float=Decimal)
            except ValueError:
                continue
            if isinstance(found, dict):
                yield found


def events(files: Iterable[Path]) -> dict[str, Event]:
    """The good events by id: of those that share one, the earliest."""
    kept: dict[str, Event] = {}
    for record in records(files):
        event = _event(record)
        if event is not None and (event.id not in kept or event.at < kept[event.id].at):
            kept[event.id] = event
    return kept


def _event(event: dict[str, Any]) -> Event | None:
    try:
        at = datetime.fromisoformat(event["event_ts"])
        price, quantity = (None if event.get(name) is None else Decimal(event[name]) for name in ("price", "quantity"))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    name = SPELLINGS.get(event.get("event_name", ""), event.get("event_name"))
    visitor = event.get("user_id") or event.get("anonymous_id")
    is_good = name in NAMES and visitor and event.get("event_id")
    if not is_good or (price or 0) < 0 or (quantity is not None and quantity <= 0):
        return None
    revenue = (Decimal(1) if quantity is None else quantity) * (price or 0)
    is_bot = bool(BOT.search(event.get("user_agent") or ""))
    return Event(at, event["event_id"], str(name), visitor, event.get("product_id"), revenue, is_bot)


def visits(events: Iterable[Event]) -> list[Visit]:
    """Exactly half an hour of silence continues a visit."""
    by_visitor = defaultdict(list)
    for event in sorted(events):
        by_visitor[event.visitor].append(event)
    found = []
    for mine in by_visitor.values():
        last = None
        for event in mine:
            if last is None or event.at - last > PAUSE:
                found.append(Visit())
            found[-1].events.append(event)
            last = event.at
    return found


def funnel(events: Iterable[Event]) -> dict[date, tuple[int, ...]]:
    """For each day the visitors of each step, then the visits begun that day that reached each; no bots."""
    people = [event for event in events if not event.is_bot]
    days = {event.day for event in people}
    seen = {day: [{e.visitor for e in people if e.day == day and e.name == step} for step in STEPS] for day in days}
    depths = [(visit.day, visit.depth) for visit in visits(people)]
    return {
        day: (
            *(len(visitors) for visitors in seen[day]),
            *(sum(begun == day and depth > place for begun, depth in depths) for place in range(len(STEPS))),
        )
        for day in days
    }


def sales(orders: Iterable[Path], refunds: Iterable[Path]) -> dict[date, dict[str, Decimal]]:
    """For each day what was ordered and what was given back on it."""
    days: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order in {record["order_id"]: record for record in records(orders)}.values():
        day = days[_day(order["ordered_at"])]
        day["orders"] += 1
        day["units_sold"] += sum(line["quantity"] for line in order["lines"])
        day["gross_sales"] += _worth(order)
        day["discounts"] += Decimal(order["discount"])
        day["shipping"] += Decimal(order["shipping"])
    for refund in {record["refund_id"]: record for record in records(refunds)}.values():
        days[_day(refund["refunded_at"])]["returns"] += _worth(refund)
    return days


def _worth(record: dict[str, Any]) -> Decimal:
    return sum((Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in record["lines"]), Decimal(0))


def _day(at: str) -> date:
    return datetime.fromisoformat(at).astimezone(LONDON).date()

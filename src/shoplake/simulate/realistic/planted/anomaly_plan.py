"""Twelve kinds of unusual days, and when they happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.rng import rng_for

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Flags, Ints


class Kind(NamedTuple):
    """A kind of anomaly: how many days it lasts, which measure it moves, in which segment, and where to."""

    days: int
    measure: str
    segment: str
    direction: str


BEST_SELLER = "product"
KINDS = {
    "tracker_outage": Kind(1, "events", "", "down"),
    "payment_outage": Kind(1, "orders", "", "down"),
    "doubled_events": Kind(1, "events", "", "up"),
    "price_x100": Kind(1, "gross_sales", "country=GB", "up"),
    "bot_flood": Kind(1, "events", "", "up"),
    "stockout_best_seller": Kind(4, "units", BEST_SELLER, "down"),
    "campaign": Kind(3, "orders", "channel=email", "up"),
    "bank_holiday": Kind(1, "orders", "", "down"),
    "site_outage": Kind(1, "orders", "", "down"),
    "country_outage": Kind(3, "orders", "country=DE", "down"),
    "mobile_checkout_broken": Kind(2, "orders", "device=mobile", "down"),
    "paid_search_paused": Kind(5, "sessions", "channel=paid_search", "down"),
}
HISTORY_SHARE, MAX_HISTORY_DAYS, DAYS_EACH = 0.35, 63, 8
"""No anomaly is in the first days of a period; each has this many days at least."""


@dataclass(frozen=True)
class Anomaly:
    """An anomaly on the local days from `first_day` to `last_day`, by number; times are UTC ms."""

    kind: str
    first_day: int
    last_day: int
    starts_at: int
    ends_at: int

    def is_during(self, at: Ints) -> Flags:
        """Whether times are within the anomaly."""
        flags: Flags = (at >= self.starts_at) & (at < self.ends_at)
        return flags


def plan_anomalies(options: Options, calendar: Calendar) -> list[Anomaly]:
    """Plan one anomaly of each kind, as many as the period has room for; nothing without the feature."""
    if not options.has("anomalies"):
        return []
    rng, days = rng_for(options.seed, "anomalies"), len(calendar)
    history = min(MAX_HISTORY_DAYS, round(days * HISTORY_SHARE))
    count = min(len(KINDS), max(0, (days - history) // DAYS_EACH))
    names = rng.permutation(sorted(KINDS))[:count].tolist()
    room = (days - history) / max(count, 1)
    anomalies = []
    for position, name in enumerate(names):
        length = KINDS[name].days
        first = int(history + position * room + rng.random() * (room - length - 1))
        start, end = int(calendar.starts[first]), int(calendar.starts[first + length])
        anomalies.append(Anomaly(name, first, first + length - 1, start, end))
    return anomalies


def find(anomalies: list[Anomaly], kind: str) -> Anomaly | None:
    """Return the anomaly of a kind, if it is planned."""
    return next((anomaly for anomaly in anomalies if anomaly.kind == kind), None)


def is_during(anomalies: list[Anomaly], kind: str, at: Ints) -> Flags:
    """Whether times are within the anomaly of a kind; never if it is not planned."""
    anomaly = find(anomalies, kind)
    return anomaly.is_during(at) if anomaly else np.zeros(len(at), dtype=np.bool_)

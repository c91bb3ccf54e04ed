"""The arguments of a simulated Shopify shop, its local days, and the markets it sells to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from shoplake.simulate.arguments import check_currency, check_error_rate, check_least, find_zone

HOUR = 3_600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Market:
    """A country: its currency, its taxes in basis points, and whether prices include them."""

    country: str
    currency: str
    taxes: tuple[tuple[str, int], ...]
    taxes_included: bool


MARKETS = (
    Market("GB", "GBP", (("VAT", 2000),), taxes_included=True),
    Market("DE", "EUR", (("MwSt", 1900),), taxes_included=True),
    Market("US", "USD", (("State Tax", 625), ("County Tax", 200)), taxes_included=False),
)
MARKET_SHARE = (70, 18, 12)
RATES = {"GBP": 1000, "EUR": 1170, "USD": 1270}
"""What 1,000 pounds are worth in each currency."""


@dataclass(frozen=True)
class Shop:
    """The validated arguments of the generator; equal arguments give equal bytes. Times are UTC seconds."""

    orders: int
    customers: int
    products: int
    days: int
    seed: int
    error_rate: float
    starts_on: date
    timezone: str
    currency: str
    export: bool

    def __post_init__(self) -> None:
        check_least(self, {"orders": 1, "customers": 1, "products": 1, "days": 1, "seed": 0})
        check_error_rate(self.error_rate, of="records")
        check_currency(self.currency)
        find_zone(self.timezone)

    @cached_property
    def starts(self) -> list[int]:
        """The local midnights in UTC seconds: one per day, and the end of the last day."""
        zone = ZoneInfo(self.timezone)
        dates = [self.starts_on + timedelta(days=day) for day in range(self.days + 1)]
        return [int(datetime.combine(each, time(), zone).timestamp()) for each in dates]

    @property
    def ends_at(self) -> int:
        """The end of the last day."""
        return self.starts[-1]

    def rng(self, subject: str) -> random.Random:
        """Create a generator that depends on nothing but the seed and the subject."""
        return random.Random(f"{self.seed} {subject}")  # nosec B311  # a simulation, repeatable by its seed

    def local_time(self, at: int) -> datetime:
        """Return the shop's local time at `at`, with its offset."""
        return datetime.fromtimestamp(at, ZoneInfo(self.timezone))

    def local_date(self, at: int) -> str:
        """Return the shop's local day of `at` as an ISO date."""
        return self.local_time(at).date().isoformat()

    def presentment_amount(self, cents: int, currency: str) -> int:
        """Convert cents of the shop's currency into cents of another, half up."""
        if currency == self.currency:
            return cents
        ours = RATES.get(self.currency, 1000)
        return round_half_up(cents * RATES[currency], ours)


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves away from zero."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))

"""The arguments of a simulated shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.simulate.arguments import check_currency, check_error_rate, check_least, find_zone

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Shop:
    """The validated arguments of the generator; equal arguments give equal bytes."""

    events: int
    customers: int
    products: int
    days: int
    seed: int
    error_rate: float
    starts_on: date
    timezone: str
    currency: str

    def __post_init__(self) -> None:
        check_least(self, {"events": 1, "customers": 1, "products": 1, "days": 1, "seed": 0})
        check_error_rate(self.error_rate, of="events")
        check_currency(self.currency)
        self.zone()

    def zone(self) -> ZoneInfo:
        """Return the shop's timezone; raises ValueError for an unknown name."""
        return find_zone(self.timezone)

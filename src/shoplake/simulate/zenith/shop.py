"""What the pretend shop is asked to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import date

MOST_DIRT = 0.5


@dataclass(frozen=True)
class Shop:
    """The arguments of one generation, checked: equal shops drop equal bytes."""

    events: int
    customers: int
    products: int
    days: int
    seed: int
    dirt: float
    starts_on: date
    timezone: str
    currency: str

    def __post_init__(self) -> None:
        for name, least in {"events": 1, "customers": 1, "products": 1, "days": 1, "seed": 0}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}.")
        if not 0 <= self.dirt <= MOST_DIRT:
            raise ValueError(f"dirt is a share of the events from 0 to {MOST_DIRT}, not {self.dirt}.")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"currency must be an ISO 4217 code such as 'GBP', not '{self.currency}'.")
        self.zone()

    def zone(self) -> ZoneInfo:
        """The shop's timezone."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"timezone must be an IANA name such as 'Europe/London', not '{self.timezone}'."
            raise ValueError(message) from error

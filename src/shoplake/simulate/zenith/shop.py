"""The arguments of a simulated shop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import date

MAX_ERROR_RATE = 0.5


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
        for name, least in {"events": 1, "customers": 1, "products": 1, "days": 1, "seed": 0}.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}.")
        if not 0 <= self.error_rate <= MAX_ERROR_RATE:
            raise ValueError(
                f"error_rate must be a share of the events from 0 to {MAX_ERROR_RATE}, not {self.error_rate}."
            )
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"currency must be an ISO 4217 code such as 'GBP', not '{self.currency}'.")
        self.zone()

    def zone(self) -> ZoneInfo:
        """Return the shop's timezone; raises ValueError for an unknown name."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"timezone must be an IANA name such as 'Europe/London', not '{self.timezone}'."
            raise ValueError(message) from error

"""Checks of the arguments that simulated shops share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ERROR_RATE = 0.5


def check_least(given: object, least: Mapping[str, int]) -> None:
    """Raise ValueError for an attribute of `given` below its least value."""
    for name, bound in least.items():
        if getattr(given, name) < bound:
            raise ValueError(f"{name} must be at least {bound}, not {getattr(given, name)}.")


def check_error_rate(error_rate: float, *, of: str) -> None:
    """Raise ValueError for a share of faulty records out of range; `of` names what it is a share of."""
    if not 0 <= error_rate <= MAX_ERROR_RATE:
        raise ValueError(f"error_rate must be a share of the {of} from 0 to {MAX_ERROR_RATE}, not {error_rate}.")


def check_currency(currency: str) -> None:
    """Raise ValueError for what has not the form of an ISO 4217 code."""
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"currency must be an ISO 4217 code such as 'GBP', not '{currency}'.")


def find_zone(timezone: str) -> ZoneInfo:
    """Return a time zone by its IANA name; raises ValueError for an unknown one."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"timezone must be an IANA name such as 'Europe/London', not '{timezone}'."
        raise ValueError(message) from error

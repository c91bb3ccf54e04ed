"""Names of time zones in exports, and what they stand for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONE_HOURS = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
"""Offsets of the only abbreviations that a standard defines (RFC 5322), beside UTC; others mean several zones."""
OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")


def zone_offset(zone: str) -> timedelta | None:
    """Return how far an offset such as `+02:00` is ahead of UTC; None for a name."""
    match = OFFSET.fullmatch(zone)
    if match is None:
        return None
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -ahead if match[1] == "-" else ahead


def zone_mistake(zones: Mapping[str, str]) -> str | None:
    """Return what is wrong with names of zones and what they stand for; None if each is an IANA name or an offset."""
    for name, zone in zones.items():
        if not name.strip():
            return "zones has an empty name."
        if zone_offset(zone) is None and zone not in available_timezones():
            nearest = hint(zone, available_timezones()) if "/" in zone else "Write '+02:00' or 'Europe/Berlin'."
            return f"zones has '{zone}' for '{name}', which is no IANA name and no offset. {nearest}"
    return None


def check_zones(zones: Mapping[str, str]) -> None:
    """Raise DeclarationError for a name of a zone that stands for no IANA name and no offset."""
    if (mistake := zone_mistake(zones)) is not None:
        raise DeclarationError(mistake)

"""Times in UTC and dates in the shop's timezone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from pyspark.sql import functions as F

from shoplake.columns.raw_record import is_in_calendar, parse_as
from shoplake.declare.kinds.zones import ZONE_HOURS, check_zones, zone_offset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import Column

MAX_MILLIS = 253_402_300_799_999
"""The last millisecond of the year 9999."""
LOCAL_TIME = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]*)?\s*$"
"""A day and a time of it that does not say of which zone it is."""


def local_date(instant: Column, timezone: str) -> Column:
    """Return the calendar date of a UTC `instant` in `timezone` (IANA name).

    It is the first or last day of the years 1 to 9999 for an instant that the timezone moves out of them.
    """
    day = F.to_date(F.from_utc_timestamp(instant, timezone))
    first, last = (F.lit(text).cast("date") for text in ("0001-01-01", "9999-12-31"))
    return F.when(day.isNotNull(), F.greatest(first, F.least(last, day)))  # which leave nulls out


def from_local(text: str, timezone: str | Column, zones: Mapping[str, str] | None = None) -> Column:
    """Convert local time in the column `text` to UTC; null where it is no time. One with an offset says its own.

    A time that the clock skips in spring is read with the offset before the change; one that occurs twice in autumn
    is the first. One that is not of the years 1 to 9999 in UTC is null. `timezone` is an IANA name or a column of
    them, of EST, PDT and their like, and of the names in `zones`; where that has another text, the time is null.
    `zones` says what its names stand for, IANA names or offsets: `{"CET": "+01:00", "CEST": "+02:00"}`.

    Raises DeclarationError for a name in `zones` that stands for neither.
    """
    declared = zones or {}
    check_zones(declared)
    is_local = F.col(text).rlike(LOCAL_TIME)
    zone = F.lit(timezone) if isinstance(timezone, str) else _known_zone(timezone, declared)
    at = F.to_utc_timestamp(parse_as(text, "timestamp"), F.when(is_local, zone).otherwise(F.lit("UTC")))
    if not isinstance(timezone, str) and (ahead := _micros_ahead(timezone, declared)) is not None:
        at = F.timestamp_micros(F.unix_micros(at) - F.when(is_local, ahead).otherwise(0))
    return F.when(is_in_calendar(at), at)  # the time is named once: Sail parses each branch of a condition anew


def _known_zone(zone: Column, declared: Mapping[str, str]) -> Column:
    """Return a column of IANA names, null where it has another text, which would end the run.

    What is declared comes first; that of an offset is UTC.
    """
    known = F.when(F.lit(False), "")
    for name, place in declared.items():
        known = known.when(zone == name, place if zone_offset(place) is None else "UTC")
    known = known.when(zone.isin(*sorted(available_timezones() - ZONE_HOURS.keys())), zone)
    for name, hours in ZONE_HOURS.items():
        known = known.when(zone == name, f"Etc/GMT+{-hours}")  # whose sign is the other way round
    return known


def _micros_ahead(zone: Column, declared: Mapping[str, str]) -> Column | None:
    """Return how far a zone is ahead of UTC by its declared offset, 0 without one; None if none is declared."""
    ahead: Column | None = None
    for name, place in declared.items():
        if (offset := zone_offset(place)) is not None:
            micros = F.lit(offset // timedelta(microseconds=1)).cast("bigint")
            ahead = F.when(zone == name, micros) if ahead is None else ahead.when(zone == name, micros)
    return None if ahead is None else ahead.otherwise(0)


def from_millis(text: str) -> Column:
    """Convert milliseconds since 1970 in the column `text` to UTC; null outside the years 1970 to 9999."""
    millis = parse_as(text, "bigint")
    return F.when(millis.between(0, MAX_MILLIS), F.timestamp_millis(millis))


def from_seconds(text: str) -> Column:
    """Convert seconds since 1970 in the column `text` to UTC; null outside the years 1970 to 9999."""
    seconds = parse_as(text, "bigint")
    return F.when(seconds.between(0, MAX_MILLIS // 1000), F.timestamp_seconds(seconds))

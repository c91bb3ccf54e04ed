"""Times in UTC and dates in the shop's timezone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from pyspark.sql import functions as F

from shoplake.columns.raw_record import is_in_calendar, parse_as
from shoplake.declare.kinds.stream import ZONE_HOURS

if TYPE_CHECKING:
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


def from_local(text: str, timezone: str | Column) -> Column:
    """Convert local time in the column `text` to UTC; null where it is no time. One with an offset says its own.

    A time that the clock skips in spring is read with the offset before the change; one that occurs twice in autumn
    is the first. One that is not of the years 1 to 9999 in UTC is null. `timezone` is an IANA name or a column of
    them, and of EST, PDT and their like; where that has another text, the time is null.
    """
    zone = F.lit(timezone) if isinstance(timezone, str) else _known_zone(timezone)
    zone = F.when(F.col(text).rlike(LOCAL_TIME), zone).otherwise(F.lit("UTC"))
    at = F.to_utc_timestamp(parse_as(text, "timestamp"), zone)
    return F.when(is_in_calendar(at), at)  # the time is named once: Sail parses each branch of a condition anew


def _known_zone(zone: Column) -> Column:
    """Return a column of IANA names, null where it has another text, which would end the run."""
    known = F.when(zone.isin(*sorted(available_timezones() - ZONE_HOURS.keys())), zone)
    for name, hours in ZONE_HOURS.items():
        known = known.when(zone == name, f"Etc/GMT+{-hours}")  # whose sign is the other way round
    return known


def from_millis(text: str) -> Column:
    """Convert milliseconds since 1970 in the column `text` to UTC; null outside the years 1970 to 9999."""
    millis = parse_as(text, "bigint")
    return F.when(millis.between(0, MAX_MILLIS), F.timestamp_millis(millis))

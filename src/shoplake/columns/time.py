"""Times are UTC; days are the shop's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import parse_as

if TYPE_CHECKING:
    from pyspark.sql import Column

LAST_MILLI = 253_402_300_799_999
"""The last millisecond of the year 9999."""


def local_date(instant: Column, timezone: str) -> Column:
    """The calendar day of a UTC `instant` in `timezone` (IANA name)."""
    return F.to_date(F.from_utc_timestamp(instant, timezone))


def from_local(text: str, timezone: str) -> Column:
    """The UTC time of the wall clock in the column `text`, which has no offset; null where it is no time.

    An hour that the clock skips in spring is read as if it had not; one that comes twice in autumn is the first.
    """
    return F.to_utc_timestamp(parse_as(text, "timestamp"), timezone)


def from_millis(text: str) -> Column:
    """The UTC time so many milliseconds after 1970 in the column `text`; null where it is none of the years to 9999."""
    millis = parse_as(text, "bigint")
    return F.when(millis.between(0, LAST_MILLI), F.timestamp_millis(millis))

"""Instants at which days, clocks and sessions begin and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import random

MICROSECOND, SECOND, MINUTE = timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ERAS = {
    "Europe/London": ((2023, 12, 31), (2024, 2, 29), (2024, 3, 1), (2024, 3, 31), (2024, 10, 27), (2024, 12, 30)),
    "America/Sao_Paulo": ((2018, 2, 18), (2018, 11, 4), (2018, 12, 31), (2019, 2, 17), (2019, 2, 28)),
    "Pacific/Apia": ((2011, 12, 29), (2011, 12, 30), (2011, 12, 31), (2012, 2, 29), (2012, 4, 1), (2012, 9, 30)),
    "Asia/Kathmandu": ((2020, 2, 29), (2020, 12, 31), (2021, 1, 4), (2021, 2, 28), (2021, 3, 1)),
    "Australia/Lord_Howe": ((2024, 2, 29), (2024, 4, 7), (2024, 10, 6), (2024, 12, 31)),
    "America/Havana": ((2024, 2, 29), (2024, 3, 10), (2024, 11, 3), (2024, 12, 29)),
}
"""Days on which clocks change, months, years and ISO weeks end; Apia has no 30 December 2011, Havana no midnight."""
SHIFTS = (
    *(timedelta(0), timedelta(0), timedelta(0), MICROSECOND, -MICROSECOND, SECOND, -SECOND, 10 * SECOND),
    *(10 * SECOND + MICROSECOND, 30 * MINUTE, -30 * MINUTE, 30 * MINUTE + MICROSECOND, 30 * MINUTE - MICROSECOND),
    *(HOUR, -HOUR, HOUR + MICROSECOND, -15 * MINUTE, 12 * HOUR, DAY, 25 * HOUR, 2 * DAY, 7 * DAY),
    *(7 * DAY + MICROSECOND, 30 * DAY, 30 * DAY + MICROSECOND, -30 * DAY),
)
"""From an instant to those near it, or one window away."""
GAPS = (
    *(timedelta(0), timedelta(0), timedelta(0), MICROSECOND, 5 * SECOND, 10 * SECOND, 11 * SECOND, 10 * MINUTE),
    *(30 * MINUTE, 30 * MINUTE, 30 * MINUTE + MICROSECOND, HOUR, HOUR + MICROSECOND, DAY, 7 * DAY),
)
"""From one event of a visitor to the next."""


def boundaries(zone: str, day: tuple[int, int, int]) -> list[datetime]:
    """The instants around a day at which the local day or the offset from UTC changes."""
    local = ZoneInfo(zone)

    def state(at: datetime) -> tuple[object, object]:
        return at.astimezone(local).utcoffset(), at.astimezone(local).date()

    start, found = datetime(*day, tzinfo=local).astimezone(UTC) - 27 * HOUR, []
    for quarter in range(4 * 54):
        low = start + quarter * 15 * MINUTE
        high = low + 15 * MINUTE
        if state(low) == state(high):
            continue
        while high - low > MICROSECOND:
            middle = low + (high - low) // 2
            low, high = (middle, high) if state(middle) == state(low) else (low, middle)
        found.append(high)
    return found


def moment(chance: random.Random, instants: list[datetime]) -> datetime:
    """A time near one of the instants."""
    at = chance.choice(instants) + chance.choice(SHIFTS)
    return at + chance.choice(SHIFTS) if chance.random() < 0.25 else at


def as_text(chance: random.Random, at: datetime) -> str:
    """The time with `Z`, with an offset, or with none, which is UTC."""
    way = chance.random()
    if way < 0.1:
        return at.astimezone(ZoneInfo(chance.choice(sorted(ERAS)))).isoformat()
    return at.replace(tzinfo=None).isoformat() if way < 0.2 else at.isoformat().replace("+00:00", "Z")

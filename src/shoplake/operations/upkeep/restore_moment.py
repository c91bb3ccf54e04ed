"""The moment to which a lake is restored: one that no restore has undone, and at which no run was at work."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TICK = timedelta(microseconds=1)
LAST = datetime.max.replace(tzinfo=UTC)


def kept_moment(at: datetime, restores: Iterable[tuple[datetime, datetime]]) -> tuple[datetime, datetime | None]:
    """Return the last moment, not after `at`, that no restore has undone, and when `at` was undone, else None.

    `restores` have the moment to which each went back, and its own time.
    """
    undone_at = None
    for until, restored_at in sorted(restores, key=itemgetter(1), reverse=True):
        if until < at <= restored_at:
            at, undone_at = until, undone_at or restored_at
    return at, undone_at


def without_undone(
    at: datetime, commits: Iterable[datetime], restores: Iterable[tuple[datetime, datetime]]
) -> list[datetime]:
    """Return the commits without those that a restore to `at` or later has undone: no start of theirs is known.

    `restores` have the moment to which each went back, and its own time.
    """
    undone = [(until, restored_at) for until, restored_at in restores if until >= at]
    return [time for time in commits if not any(until < time <= restored_at for until, restored_at in undone)]


def consistent_moment(at: datetime, starts: list[datetime], commits: Iterable[datetime]) -> datetime:
    """Return the last moment, not after `at`, at which no run was between its start and its last commit."""
    index = bisect_right(starts, at)
    if index == 0:
        return at
    start, after = starts[index - 1], starts[index] if index < len(starts) else LAST
    is_running = any(at < time < _to_millisecond(after) for time in commits)
    return start - TICK if is_running else at


def _to_millisecond(time: datetime) -> datetime:
    """Return the time as logs know it."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)

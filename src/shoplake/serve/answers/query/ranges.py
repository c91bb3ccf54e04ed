"""Ranges of days: which feed and currency, which buckets, and the days that each is compared with."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from shoplake.errors import hint
from shoplake.serve.errors import AnswerNotFoundError, InvalidRangeError

if TYPE_CHECKING:
    from shoplake.serve.answers.query.parameters import Comparison, Grain
    from shoplake.serve.store.generation import Generation

DAY = timedelta(days=1)
Days: TypeAlias = tuple[date, date] | tuple[None, None]
MAX_BUCKETS = 2000
MAX_IN_MEMORY = 120
PERIOD_DAYS = {"day": 1, "week": 7, "month": 28}

DIFFERENCES = "gold.reconciliation_daily"
"""Has also the currencies of events and payments without an order."""
SCOPES = """
    WITH days AS (
        SELECT feed, currency, sales_date AS day, orders, 0 AS differing, false AS is_event FROM gold.sales_daily
        UNION ALL SELECT feed, NULL, event_date, 0, 0, true FROM gold.funnel_daily {differences}
    )
    SELECT feed, currency, sum(orders)::BIGINT AS orders, bool_or(is_event) AS has_events,
        min(day) AS first_day, max(day) AS last_day
    FROM days GROUP BY ALL ORDER BY orders DESC, sum(differing) DESC, feed, currency
"""


@dataclass(frozen=True)
class Scope:
    """A feed, one of its currencies, and the days that have data; `last_day` is unfinished: its rest may be missing.

    `has_orders` is false where no order of the feed has arrived, in whatever currency; `has_events` where no event has.
    """

    feed: str
    currency: str | None
    first_day: date | None
    last_day: date | None
    currencies: tuple[str, ...] = ()
    has_orders: bool = True
    has_events: bool = True

    @property
    def last_whole_day(self) -> date | None:
        """The last day that is followed by another one with data; None where there is at most one day."""
        if self.first_day is None or self.last_day is None or self.first_day == self.last_day:
            return None
        return self.last_day - DAY


class Bucket(NamedTuple):
    """Days of a range that are added up, and the days they are compared with; both ends are included.

    `whole_end` is the last whole day of it, `before_end` as many days after `before_start`; None where there is none.
    """

    start: date
    end: date
    whole_end: date | None = None
    before_start: date | None = None
    before_end: date | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every day of it is whole."""
        return self.whole_end == self.end


ALL = "all"
"""What a query of lines names where those of all currencies are asked for; each has its own."""
_scopes: WeakKeyDictionary[Generation, tuple[dict[str, Any], ...]] = WeakKeyDictionary()


def find_scopes(generation: Generation) -> tuple[dict[str, Any], ...]:
    """Find the feeds and currencies of a generation with their first and last days, most orders first."""
    if generation not in _scopes:
        without_order = (
            f"UNION ALL SELECT feed, currency, NULL, 0, orders, false FROM {DIFFERENCES} WHERE currency IS NOT NULL"
        )
        sql = SCOPES.format(differences=without_order if DIFFERENCES in generation.tables else "")
        _scopes[generation] = tuple(generation.query(sql).to_pylist())
    return _scopes[generation]


def find_scope(generation: Generation, feed: str | None, currency: str | None = None) -> Scope:
    """Find a feed and a currency; by default those with most orders. An empty lake has the feed `""` without days.

    Raises AnswerNotFoundError for a feed or a currency that has no data.
    """
    rows = find_scopes(generation)
    feeds = [row["feed"] for row in rows]
    name = _choose("feed", feed, feeds)
    own = [row for row in rows if row["feed"] == name]
    currencies = tuple(row["currency"] for row in own if row["currency"] is not None)
    chosen = _choose("currency", currency.upper() if currency else None, currencies) or None
    return Scope(
        name,
        chosen,
        min((row["first_day"] for row in own if row["first_day"]), default=None),
        max((row["last_day"] for row in own if row["last_day"]), default=None),
        currencies,
        has_orders=any(row["orders"] for row in own),
        has_events=any(row["has_events"] for row in own),
    )


def _choose(what: str, typed: str | None, known: list[str] | tuple[str, ...]) -> str:
    if typed and typed not in known:
        raise AnswerNotFoundError(f"Unknown {what} '{typed}'. {hint(typed, set(known))}")
    return typed or (known[0] if known else "")


def find_range(scope: Scope, since: date | None, until: date | None) -> tuple[date, date]:
    """Return the first and the last day of a range; an end that is not given is that of the data.

    Raises InvalidRangeError where `since` is after `until`, AnswerNotFoundError where the one that is given is after or
    before all days of the data.
    """
    start = since or scope.first_day or until or date(1970, 1, 1)
    end = until or scope.last_day or start
    if start <= end:
        return start, end
    if until is None:
        raise AnswerNotFoundError(
            f"The range begins on {start}, and the last day with data is {end}. Write until=, too."
        )
    if since is None:
        raise AnswerNotFoundError(
            f"The range ends on {end}, and the first day with data is {start}. Write since=, too."
        )
    raise InvalidRangeError(f"The range begins on {start}, after its end on {end}. Exchange the two days.")


def find_buckets(
    scope: Scope, since: date | None, until: date | None, grain: Grain, compare: Comparison
) -> list[Bucket]:
    """Find a range as `find_range` does and split it; none where it is open at an end and no day has data."""
    start, end = find_range(scope, since, until)
    if scope.first_day is None and (since is None or until is None):
        return []
    return split_range(scope, start, end, grain, compare)


def split_range(scope: Scope, start: date, end: date, grain: Grain, compare: Comparison) -> list[Bucket]:
    """Split a range by day, ISO week (from Monday) or month, cut at its ends, and compare each bucket.

    `previous` is the same number of days before the range, or of months where the range is whole months; `last_year`
    the same days of the year before. A bucket is compared up to its last whole day, and not at all with days of which
    some are before the first day of the data: what they sold is not known.
    Raises InvalidRangeError for more than 2,000 buckets.
    """
    if grain != "total" and (end - start).days / PERIOD_DAYS[grain] > MAX_BUCKETS:
        raise InvalidRangeError(f"{start} to {end} by {grain} is too long. Choose a shorter range or a longer period.")
    buckets = []
    at = start
    while at <= end:
        last = min(_last_day(at, grain, end), end)
        whole = _whole_end(scope, at, last)
        before = (None, None) if whole is None else _known(scope, _shifted(at, whole, start, end, compare))
        buckets.append(Bucket(at, last, whole, *before))
        at = last + DAY
    return buckets


def is_short(start: date, end: date, grain: Grain) -> bool:
    """Whether a range has so few periods that they are added up from memory in less than a millisecond."""
    return grain == "total" or (end - start).days <= MAX_IN_MEMORY * PERIOD_DAYS[grain]


def _whole_end(scope: Scope, start: date, end: date) -> date | None:
    whole = scope.last_whole_day
    if whole is None or whole < start:
        return None
    return min(whole, end)


def _known(scope: Scope, days: Days) -> Days:
    """Return days that the data has from their first on, or else none."""
    start, _ = days
    return days if start is not None and scope.first_day is not None and scope.first_day <= start else (None, None)


def _last_day(day: date, grain: Grain, end: date) -> date:
    if grain == "week":
        return day + timedelta(days=6 - day.weekday())
    if grain == "month":
        return day.replace(day=monthrange(day.year, day.month)[1])
    return day if grain == "day" else end


def _shifted(start: date, end: date, range_start: date, range_end: date, compare: Comparison) -> Days:
    if compare == "none":
        return None, None
    if compare == "last_year":
        return add_months(start, -12), add_months(end, -12)
    is_months = range_start.day == 1 and (range_end + DAY).day == 1
    if not is_months:
        shift = (range_end - range_start) + DAY
        return start - shift, end - shift
    months = (range_end.year - range_start.year) * 12 + range_end.month - range_start.month + 1
    return add_months(start, -months), add_months(end, -months, is_end=(end + DAY).day == 1)


def add_months(day: date, months: int, is_end: bool = False) -> date:
    """Return the same day of another month, or its last day where it is shorter or `is_end`.

    Raises OverflowError for a year that no date has, as the arithmetic of days does.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(f"year {year} is out of range")
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, last if is_end else min(day.day, last))

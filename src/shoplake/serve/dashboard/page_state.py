"""The state of a page: all of it is in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from urllib.parse import quote, urlencode

from shoplake.errors import hint
from shoplake.serve.answers.query.parameters import Comparison
from shoplake.serve.answers.query.ranges import Scope, find_range, find_scope, find_scopes, split_range
from shoplake.serve.errors import AnswerNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.serve.store.generation import Generation

PRESETS = (7, 30, 90)
DEFAULT_DAYS = 30
Grain = Literal["day", "week", "month"]
SHORT, LONG = 45, 400
"""Days up to which a chart is by day, and by week."""
MAX_DAYS = 3660


@dataclass(frozen=True)
class PageState:
    """Feed, currency, days and comparison, and the other parameters of one page in `extra`."""

    scope: Scope
    since: date
    until: date
    compare: Comparison
    extra: Mapping[str, str]
    typed: Mapping[str, str]
    """The parameters of the address as they were typed, without those in `extra`."""

    @property
    def grain(self) -> Grain:
        """The period of a chart: long ranges are by week or month."""
        days = (self.until - self.since).days + 1
        return "day" if days <= SHORT else "week" if days <= LONG else "month"

    @property
    def has_unfinished_day(self) -> bool:
        """Whether the range has a day that may still be missing data."""
        if self.scope.last_whole_day is None:
            return self.scope.last_day is not None
        return self.until > self.scope.last_whole_day

    @property
    def compared(self) -> Any:
        """What queries compare with, even where the page shows no comparison: their rows have one shape."""
        return "previous" if self.compare == "none" else self.compare

    @property
    def has_comparison(self) -> bool:
        """Whether the data has the days that the range is compared with."""
        [bucket] = split_range(self.scope, self.since, self.until, "total", self.compared)
        return bucket.before_start is not None

    @property
    def money_scope(self) -> dict[str, Any]:
        """Return the parameters of a query about days in one currency."""
        return {**self.days, "currency": self.scope.currency}

    @property
    def days(self) -> dict[str, Any]:
        """Return the parameters of a query about days."""
        return {"feed": self.scope.feed, "since": self.since, "until": self.until}

    def link(self, path: str, *, keep_extra: bool = False, **changes: str | date | int | None) -> str:
        """Return the address of a page in the same state with changes; None takes a parameter away."""
        parameters: dict[str, str | date | int | None] = {**self.typed, **(self.extra if keep_extra else {}), **changes}
        query = urlencode({name: str(value) for name, value in parameters.items() if value is not None})
        return f"{path}?{query}" if query else path

    def rows_link(self, subject: str, **parameters: str | date | int | None) -> str:
        """Return the address of the page that lists the rows of a subject."""
        return subject_link(f"/rows/{subject}", **parameters)


def subject_link(path: str, **parameters: str | date | int | None) -> str:
    """Return an address with the parameters that are not None."""
    query = urlencode({name: str(value) for name, value in parameters.items() if value is not None})
    return f"{path}?{query}" if query else path


def csv_link(subject: str, **parameters: str | date | int | None) -> str:
    """Return the address of the rows of a subject as CSV; those of one customer lie below the customer."""
    path = f"/v1/{subject.replace('_', '-')}"
    if (customer := parameters.pop("customer", None)) is not None:
        rest = subject.removeprefix("customer").replace("_", "/")
        path = f"/v1/customers/{quote(str(customer), safe='')}{rest}"
    return subject_link(path, **parameters, format="csv")


SHARED = ("feed", "currency", "since", "until", "days", "compare", "unfinished")


def read_state(generation: Generation, typed: Mapping[str, str]) -> PageState:
    """Read the state from the parameters of an address. By default 30 whole days, compared with the 30 before.

    Raises AnswerNotFoundError for a parameter that cannot be read or has no data.
    """
    typed = _without_foreign_currency(generation, typed)
    scope = find_scope(generation, typed.get("feed") or None, typed.get("currency") or None)
    compare = typed.get("compare") or "previous"
    if compare not in get_args(Comparison):
        raise AnswerNotFoundError(f"Unknown comparison '{compare}'. {hint(compare, get_args(Comparison))}")
    since, until = find_range(scope, *_range(scope, typed))
    since, until = _with_data(scope, since, until)
    if (until - since).days >= MAX_DAYS:
        raise AnswerNotFoundError(f"{since} to {until} is longer than {MAX_DAYS:,} days. Choose a shorter range.")
    extra = {name: value for name, value in typed.items() if name not in SHARED}
    shared = {name: typed[name] for name in SHARED if typed.get(name)}
    return PageState(scope, since, until, cast("Comparison", compare), extra, shared)


def _range(scope: Scope, typed: Mapping[str, str]) -> tuple[date, date]:
    """Return the first and the last day; an end that is not typed lies on the right side of the one that is."""
    first, last = _day(typed, "since"), _day(typed, "until")
    before_last = timedelta(days=_count(typed) - 1)
    if last is not None:
        return first or max(last - before_last, min(scope.first_day or last, last)), last
    whole = scope.last_day if typed.get("unfinished") else scope.last_whole_day or scope.last_day
    until = whole or date(1970, 1, 1)
    if first is None:
        return max(until - before_last, scope.first_day or until), until
    until = max(until, min(first, scope.last_day or until))
    return min(first, until), until


def _without_foreign_currency(generation: Generation, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out a currency that other feeds have and the chosen one has not: the form sends it with another feed."""
    currency, rows = typed.get("currency", "").upper(), find_scopes(generation)
    feeds = {row["feed"] for row in rows if row["currency"] == currency}
    if not typed.get("feed") or not feeds or typed["feed"] in feeds:
        return typed
    return {name: value for name, value in typed.items() if name != "currency"}


def _with_data(scope: Scope, since: date, until: date) -> tuple[date, date]:
    """Cut what is before the first and after the last day of the data, unless nothing would be left."""
    first, last = max(since, scope.first_day or since), min(until, scope.last_day or until)
    return (first, last) if first <= last else (since, until)


def _day(typed: Mapping[str, str], name: str) -> date | None:
    text = typed.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AnswerNotFoundError(f"{name}={text[:40]} is not a day. Write one such as 2026-03-29.") from None


def _count(typed: Mapping[str, str]) -> int:
    text = typed.get("days") or str(DEFAULT_DAYS)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_DAYS):
        raise AnswerNotFoundError(f"days={text[:40]} is not a number of days from 1 to {MAX_DAYS:,}.")
    return int(text)

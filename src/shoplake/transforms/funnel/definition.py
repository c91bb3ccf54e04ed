"""What a funnel asks: its steps, their order, the time they may take and what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from shoplake.columns.web import EVENT_NAMES
from shoplake.errors import ShoplakeError, hint

Order = Literal["ordered", "strict", "any"]
Count = Literal["visitors", "persons", "sessions", "totals"]
State = Literal["converted", "dropped", "open"]

UNIT_COLUMNS = {
    "visitors": "visitor_id",
    "persons": "person_id",
    "sessions": "session_id",
    "totals": "visitor_id",
}
"""What is counted → the column of the events that identifies one of them."""
DIMENSIONS = ("device", "browser", "platform", "utm_source", "utm_medium", "utm_campaign", "product_id")
"""Columns of the events that split a funnel."""
WEEK = timedelta(days=7)


class FunnelError(ShoplakeError):
    """A funnel's steps and options do not fit together."""


@dataclass(frozen=True)
class Funnel:
    """A funnel, checked. Raises FunnelError where its parts do not fit together.

    `steps` are event names, at least two; a name may repeat and then needs another event. `window` is the time from
    the first step to any other, `step_windows` that from the step before (step number → time); a time of exactly the
    window counts. `order` is `ordered` (other events may lie between two steps), `strict` (none may) or `any` (the
    steps in whatever order, from the earliest on). `count` is what one row of the funnel is: a visitor, a person, a
    session, or with `totals` each attempt of a visitor.

    `by` splits the funnel by a column of the event of the `first` step, the `last` step reached or the step of number
    `by_from`. An event named in `exclude` ends an attempt. Events after `as_of` are ignored; by default it is the
    feed's last event.
    """

    steps: tuple[str, ...]
    window: timedelta | None = WEEK
    step_windows: Mapping[int, timedelta] = field(default_factory=dict, hash=False)
    order: Order = "ordered"
    count: Count = "visitors"
    by: str | None = None
    by_from: Literal["first", "last"] | int = "first"
    exclude: tuple[str, ...] = ()
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.steps) < 2:
            raise FunnelError(f"A funnel has at least two steps, not {len(self.steps)}: '{','.join(self.steps)}'.")
        for name in (*self.steps, *self.exclude):
            _check_choice("event", name, EVENT_NAMES)
        _check_choice("order", self.order, get_args(Order))
        _check_choice("count", self.count, get_args(Count))
        if self.by is not None:
            _check_choice("column", self.by, DIMENSIONS)
        if self.as_of is not None and self.as_of.tzinfo is None:
            raise FunnelError(f"'{self.as_of}' has no time zone. Write one such as {self.as_of.isoformat()}+00:00.")
        self._check_windows()
        self._check_numbers()
        for name in self.exclude:
            if name in self.steps:
                raise FunnelError(f"'{name}' is a step and cannot be excluded. Leave it out of one of the two.")

    @property
    def unit_column(self) -> str:
        """The column of the events that identifies what is counted."""
        return UNIT_COLUMNS[self.count]

    def _check_windows(self) -> None:
        if self.window is None and self.count != "sessions":
            raise FunnelError(f"A funnel of {self.count} needs a window, such as 7d: without one nobody drops off.")
        for window in (self.window, *self.step_windows.values()):
            if window is not None and window <= timedelta(0):
                raise FunnelError(f"A window is longer than nothing, not {window}.")
        if self.step_windows and self.order == "any":
            raise FunnelError("Step windows need steps in order. Leave them out, or use the order 'ordered'.")

    def _check_numbers(self) -> None:
        last = len(self.steps)
        for number in self.step_windows:
            if not 2 <= number <= last:
                raise FunnelError(f"Step {number} has no step before it in the funnel. Name one from 2 to {last}.")
        if isinstance(self.by_from, int) and not 1 <= self.by_from <= last:
            raise FunnelError(f"The funnel has no step {self.by_from}. Name one from 1 to {last}, 'first' or 'last'.")
        if isinstance(self.by_from, str):
            _check_choice("place", self.by_from, ("first", "last"))


def _check_choice(noun: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise FunnelError(f"Unknown {noun} '{name}'. {hint(name, known)}")

"""Matches the events of units (visitors, persons, sessions) with the steps of a funnel, on sorted arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from shoplake.transforms.sorted_groups import Flags, Positions

NEVER = np.iinfo(np.int64).max // 4
"""A window without end, in microseconds."""
OTHER, EXCLUDED = -1, -2
"""Codes of an event that is no step, and of one that ends an attempt."""


@dataclass(frozen=True)
class Pattern:
    """The steps as codes, the longest times in microseconds, and whether other events may lie between two steps.

    `step_windows` has the longest time from the step before, for each step; that of the first is not used. `idle` is
    the time after which a unit without events is over.
    """

    codes: tuple[int, ...]
    window: int
    step_windows: tuple[int, ...]
    order: str
    idle: int = NEVER

    @property
    def is_strict(self) -> bool:
        """Whether no other event may lie between two steps."""
        return self.order == "strict"


@dataclass(frozen=True)
class UnitEvents:
    """Events sorted by unit and time; `unit` numbers the units, `as_of` is the last known moment of each event's feed.

    `ended_at` is the time of the unit's last event, whether a step or not.
    """

    unit: Positions
    at: Positions
    code: Positions
    as_of: Positions
    ended_at: Positions

    @property
    def block(self) -> Positions:
        """The number of the stretch of a unit's events that no excluded event interrupts."""
        starts = np.diff(self.unit, prepend=-1) != 0
        return np.cumsum(starts | (self.code == EXCLUDED))

    @property
    def last_of_unit(self) -> Positions:
        """The position of the last event of each event's unit."""
        ends = np.flatnonzero(np.diff(self.unit, append=-1) != 0)
        result: Positions = np.repeat(ends, np.diff(ends, prepend=-1))
        return result


@dataclass(frozen=True)
class Attempts:
    """Attempts to get through a funnel, one per event that can start one, in the order of the events.

    `path` has the position of the event of each step, -1 where a step is not reached. `is_open` says that the attempt
    has not converted and still can, by events later than what is known.
    """

    start: Positions
    path: Positions
    is_open: Flags

    @property
    def reached(self) -> Positions:
        """The number of steps reached."""
        result: Positions = (self.path >= 0).sum(axis=1)
        return result


def match(events: UnitEvents, pattern: Pattern) -> Attempts:
    """Return all attempts of all units."""
    return _match_any(events, pattern) if pattern.order == "any" else _match_ordered(events, pattern)


def _match_ordered(events: UnitEvents, pattern: Pattern) -> Attempts:
    chain = _Chain(events, pattern)
    start, at = chain.places[0], events.at
    path = np.full((len(start), len(pattern.codes)), -1, np.int64)
    for depth in range(1, len(pattern.codes) + 1):
        steps = chain.follow(depth)
        is_reached = steps[:, -1] >= 0
        is_reached[is_reached] &= at[steps[is_reached, -1]] - at[start[is_reached]] <= pattern.window
        path[is_reached, :depth] = steps[is_reached]
    is_open = chain.can_continue() & _can_convert_later(events, pattern, start) & (path[:, -1] < 0)
    return Attempts(start, path, is_open)


def _match_any(events: UnitEvents, pattern: Pattern) -> Attempts:
    """Match steps in any order: each step takes the next event of its name that no other step has."""
    start = np.flatnonzero(np.isin(events.code, pattern.codes))
    path = np.full((len(start), len(pattern.codes)), -1, np.int64)
    block = events.block
    for step, code in enumerate(pattern.codes):
        places = np.flatnonzero(events.code == code)
        number = np.searchsorted(places, start) + pattern.codes[:step].count(code)
        exists = number < len(places)
        place = places[number[exists]]
        is_near = (block[place] == block[start[exists]]) & (
            events.at[place] - events.at[start[exists]] <= pattern.window
        )
        path[np.flatnonzero(exists)[is_near], step] = place[is_near]
    path = np.sort(np.where(path < 0, NEVER, path), axis=1)
    path[path == NEVER] = -1
    return Attempts(start, path, _can_convert_later(events, pattern, start) & (path[:, -1] < 0))


def _can_convert_later(events: UnitEvents, pattern: Pattern, start: Positions) -> Flags:
    """Whether the window of each start is not over and no excluded event has followed."""
    is_running = events.as_of[start] - events.at[start] < pattern.window
    is_alive = events.as_of[start] - events.ended_at[start] < pattern.idle
    block = events.block
    return np.asarray(is_running & is_alive & (block[start] == block[events.last_of_unit[start]]), bool)


class _Chain:
    """The events of each step, and which event of the next step follows which."""

    def __init__(self, events: UnitEvents, pattern: Pattern) -> None:
        self.events, self.pattern = events, pattern
        self.block = events.block
        self.places = [np.flatnonzero(events.code == code) for code in pattern.codes]

    def follow(self, depth: int) -> Positions:
        """Return the events of the first `depth` steps from each start: each the earliest that leads on; or -1."""
        allowed = np.ones(len(self.places[depth - 1]), bool)
        following: list[Positions] = []
        for step in range(depth - 2, -1, -1):
            following.insert(0, self._next(step, allowed))
            allowed = following[0] >= 0
        number = np.where(allowed, np.arange(len(allowed)), -1)
        result = np.full((len(self.places[0]), depth), -1, np.int64)
        for step in range(depth):
            is_there = number >= 0
            result[is_there, step] = self.places[step][number[is_there]]
            if step < depth - 1:
                number[is_there] = following[step][number[is_there]]
        return result

    def can_continue(self) -> Flags:
        """Whether some way from each start can still be completed, as far as the step windows go."""
        allowed = np.zeros(len(self.places[-1]), bool)
        for step in range(len(self.places) - 2, -1, -1):
            here = self.places[step]
            window = self.pattern.step_windows[step + 1]
            can_wait = self.events.as_of[here] - self.events.at[here] < window
            if self.pattern.is_strict:
                can_wait &= here == self.events.last_of_unit[here]
            allowed = can_wait | (self._next(step, allowed) >= 0)
        return allowed

    def _next(self, step: int, allowed: Flags) -> Positions:
        """Return for each event of a step the number of the next allowed event of the step after it; -1 for none."""
        here, candidates = self.places[step], np.flatnonzero(allowed)
        there = self.places[step + 1]
        rank = np.searchsorted(there[candidates], here, side="right")
        result = np.full(len(here), -1, np.int64)
        exists = np.flatnonzero(rank < len(candidates))
        number = candidates[rank[exists]]
        place, origin = there[number], here[exists]
        fits = self.block[place] == self.block[origin]
        fits &= self.events.at[place] - self.events.at[origin] <= self.pattern.step_windows[step + 1]
        if self.pattern.is_strict:
            fits &= place == origin + 1
        result[exists[fits]] = number[fits]
        return result

"""Funnels by brute force: every way through the steps is tried, one unit at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

NEVER = float("inf")


def best_attempt(unit: list[tuple[int, str]], asked: Any, as_of: int) -> tuple[int, tuple[int, ...], bool] | None:
    """Steps reached, their times and whether it is open; None for a unit that does not start. Times are whole numbers.

    `unit` is sorted: by time, then by the place of the name in the steps.
    """
    found = attempts(unit, asked, as_of)
    if not found:
        return None
    path, _ = min(found, key=lambda each: (-len(each[0]), each[0][0]))
    is_open = len(path) < len(asked.steps) and any(each[1] for each in found)
    return len(path), tuple(unit[place][0] for place in path), is_open


def all_attempts(unit: list[tuple[int, str]], asked: Any, as_of: int) -> list[tuple[int, tuple[int, ...], bool]]:
    """The attempts that do not overlap, each begun behind the last step of the one before."""
    result, behind = [], -1
    for path, is_open in attempts(unit, asked, as_of):
        if path[0] > behind:
            result.append((len(path), tuple(unit[place][0] for place in path), is_open))
            behind = path[-1]
    return result


def attempts(unit: list[tuple[int, str]], asked: Any, as_of: int) -> list[tuple[tuple[int, ...], bool]]:
    try_from = from_start_in_any_order if asked.order == "any" else from_start
    begins = asked.steps if asked.order == "any" else asked.steps[:1]
    return [try_from(unit, start, asked, as_of) for start, (_, name) in enumerate(unit) if name in begins]


def from_start(unit: list[tuple[int, str]], start: int, asked: Any, as_of: int) -> tuple[tuple[int, ...], bool]:
    window = NEVER if asked.window is None else asked.window
    began = unit[start][0]
    paths = [(start,)]
    for path in paths:
        for place in range(path[-1] + 1, len(unit)):
            if len(path) < len(asked.steps) and fits(unit, path, place, asked) and unit[place][0] - began <= window:
                paths.append((*path, place))
    best = min(paths, key=lambda path: (-len(path), path))
    is_interrupted = any(name in asked.exclude for _, name in unit[start:])
    can_wait = [
        as_of - unit[path[-1]][0] < asked.step_windows.get(len(path) + 1, NEVER)
        and (asked.order != "strict" or path[-1] == len(unit) - 1)
        for path in paths
        if len(path) < len(asked.steps)
    ]
    is_open = len(best) < len(asked.steps) and any(can_wait) and not is_interrupted and as_of - began < window
    return best, is_open


def fits(unit: list[tuple[int, str]], path: tuple[int, ...], place: int, asked: Any) -> bool:
    between = [name for _, name in unit[path[-1] + 1 : place]]
    return (
        unit[place][1] == asked.steps[len(path)]
        and unit[place][0] - unit[path[-1]][0] <= asked.step_windows.get(len(path) + 1, NEVER)
        and not set(between) & set(asked.exclude)
        and not (asked.order == "strict" and between)
    )


def from_start_in_any_order(
    unit: list[tuple[int, str]], start: int, asked: Any, as_of: int
) -> tuple[tuple[int, ...], bool]:
    window = NEVER if asked.window is None else asked.window
    wanted, path = Counter(asked.steps), []
    for place in range(start, len(unit)):
        at, name = unit[place]
        if name in asked.exclude or at - unit[start][0] > window:
            break
        if wanted[name] > 0:
            wanted[name] -= 1
            path.append(place)
    is_interrupted = any(name in asked.exclude for _, name in unit[start:])
    is_open = len(path) < len(asked.steps) and not is_interrupted and as_of - unit[start][0] < window
    return tuple(path), is_open

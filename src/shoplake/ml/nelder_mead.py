"""Minimization without derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

REFLECT, EXPAND, CONTRACT, SHRINK = 1.0, 2.0, 0.5, 0.5
SEARCHED = 2_000
"""How many rows decide which start of a search is the best."""


def minimize(
    function: Callable[[NDArray[Any]], float], start: NDArray[Any], *, tolerance: float = 1e-9, restarts: int = 3
) -> NDArray[Any]:
    """Return the point at which `function` is least, found by the downhill simplex method (Nelder and Mead, 1965).

    The search ends when the values of the simplex differ by less than `tolerance`, relative to their size, and begins
    anew around the best point until a restart no longer improves it.
    """
    best, value = start, function(start)
    for _ in range(restarts):
        point = _search(function, best, tolerance)
        if (improved := function(point)) >= value - tolerance * (1 + abs(value)):
            return point if improved < value else best
        best, value = point, improved
    return best


def minimize_from_each(
    loss_of: Callable[[NDArray[Any]], Callable[[NDArray[Any]], float]],
    rows: NDArray[Any],
    starts: Iterable[NDArray[Any]],
    *,
    tolerance: float = 1e-9,
) -> NDArray[Any]:
    """Return the point at which the loss of rows, `loss_of(rows)`, is least, found from the best of several starts.

    `rows` are sorted. At most `SEARCHED` of them, at equal distances, decide which start is the best: its point is
    where the search over all rows begins.
    """
    places = np.linspace(0, len(rows) - 1, min(len(rows), SEARCHED)).astype(int)
    some = loss_of(rows[places])
    best = min((minimize(some, start, tolerance=tolerance) for start in starts), key=some)
    return best if len(places) == len(rows) else minimize(loss_of(rows), best, tolerance=tolerance)


def _search(function: Callable[[NDArray[Any]], float], start: NDArray[Any], tolerance: float) -> NDArray[Any]:
    size = len(start)
    simplex = np.vstack([start, start + 0.25 * np.eye(size)])
    values = np.array([function(point) for point in simplex])
    for _ in range(200 * size):
        order = np.argsort(values, kind="stable")
        simplex, values = simplex[order], values[order]
        if values[-1] - values[0] <= tolerance * (1 + abs(values[0])):
            break
        _step(function, simplex, values)
    result: NDArray[Any] = simplex[int(np.argmin(values))]
    return result


def _step(function: Callable[[NDArray[Any]], float], simplex: NDArray[Any], values: NDArray[Any]) -> None:
    """Replace the worst point of a sorted simplex, or shrink the simplex towards its best point."""
    centre = simplex[:-1].mean(axis=0)
    direction = centre - simplex[-1]
    reflected = centre + REFLECT * direction
    value = function(reflected)
    if value < values[0]:
        expanded = centre + EXPAND * direction
        other = function(expanded)
        simplex[-1], values[-1] = (expanded, other) if other < value else (reflected, value)
    elif value < values[-2]:
        simplex[-1], values[-1] = reflected, value
    else:
        contracted = centre + (CONTRACT if value < values[-1] else -CONTRACT) * direction
        other = function(contracted)
        if other < min(value, values[-1]):
            simplex[-1], values[-1] = contracted, other
        else:
            simplex[1:] = simplex[0] + SHRINK * (simplex[1:] - simplex[0])
            values[1:] = [function(point) for point in simplex[1:]]

"""Attribution models: the weight of each touch of an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.transforms.sorted_groups import Flags, Positions

MODELS = ("first", "last", "last_non_direct", "last_paid", "linear", "position", "decay", "data_driven")
HALF_LIFE = 7 * 86_400_000_000
"""Time after which a touch has half the weight in the model `decay`, in microseconds."""
SCALE = 100_000_000
"""Weights are whole numbers; one that is a share or a power is multiplied by this."""


@dataclass(frozen=True)
class Touches:
    """Touches of orders, sorted by order and time: the number within the order from 1, and how many the order has.

    `age` is the time from the touch to the order in microseconds, `effect` the removal effect of its channel.
    """

    number: Positions
    count: Positions
    is_direct: Flags
    is_paid: Flags
    age: Positions
    effect: np.ndarray[tuple[int], np.dtype[np.float64]]

    @property
    def order(self) -> Positions:
        """The number of each touch's order, from 0."""
        return np.asarray(np.cumsum(self.number <= 1) - 1, np.int64)


def weigh(touches: Touches, model: str) -> Positions:
    """Return the weights of a model as whole numbers; only their proportions within an order matter.

    `last_non_direct` is the last touch where all are direct, `last_paid` is last_non_direct where none is paid.
    """
    return np.asarray(_WEIGHTS[model](touches), np.int64)


def _last_of(touches: Touches, is_candidate: Flags) -> Positions:
    """Return the last candidate of each order; of an order without candidates nothing."""
    latest = np.zeros(int(touches.order[-1]) + 1 if len(touches.order) else 0, np.int64)
    np.maximum.at(latest, touches.order, np.where(is_candidate, touches.number, -1))
    return np.asarray(is_candidate & (touches.number == latest[touches.order]), np.int64)


def _or_else(touches: Touches, weights: Positions, fallback: Positions) -> Positions:
    """Return the fallback for orders without weights."""
    sums = np.bincount(touches.order, weights) if len(weights) else np.zeros(0)
    return np.asarray(np.where(sums[touches.order] > 0, weights, fallback), np.int64)


def _last(touches: Touches) -> Positions:
    return np.asarray(touches.number == touches.count, np.int64)


def _last_non_direct(touches: Touches) -> Positions:
    return _or_else(touches, _last_of(touches, ~touches.is_direct), _last(touches))


def _last_paid(touches: Touches) -> Positions:
    return _or_else(touches, _last_of(touches, touches.is_paid), _last_non_direct(touches))


def _position(touches: Touches) -> Positions:
    """Return 40 % for the first and the last touch, and 20 % for those between; one half each where there are two."""
    is_end = (touches.number <= 1) | (touches.number == touches.count)
    return np.asarray(np.where(is_end, np.maximum(2 * (touches.count - 2), 1), 1), np.int64)


def _decay(touches: Touches) -> Positions:
    return np.asarray(np.rint(np.exp2(-touches.age / HALF_LIFE) * SCALE), np.int64)


def _data_driven(touches: Touches) -> Positions:
    weights = np.rint(np.clip(touches.effect, 0, None) * SCALE).astype(np.int64)
    return _or_else(touches, weights, np.ones(len(weights), np.int64))


_WEIGHTS: dict[str, Callable[[Touches], Positions]] = {
    "first": lambda touches: np.asarray(touches.number <= 1, np.int64),
    "last": _last,
    "last_non_direct": _last_non_direct,
    "last_paid": _last_paid,
    "linear": lambda touches: np.ones(len(touches.number), np.int64),
    "position": _position,
    "decay": _decay,
    "data_driven": _data_driven,
}

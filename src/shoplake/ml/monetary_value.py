"""What an order of a customer is worth: the Gamma-Gamma model.

Values of a customer's orders are gamma distributed around a mean that is itself inverse gamma distributed over
customers (Fader and Hardie, 2013, The Gamma-Gamma model of monetary value).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.nelder_mead import minimize_from_each

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

LIMIT = 14.0
"""Largest absolute logarithm of a parameter; the money unit is the mean value."""
STARTS = ((1.0, 2.0, 1.0), (1.0, 10.0, 10.0))
"""Parameters at which a search begins."""


@dataclass(frozen=True)
class MonetaryValue:
    """A fitted model with the shape `p` of the orders, and shape `q` and scale `v` of the customers."""

    p: float
    q: float
    v: float

    def expected_value(self, orders: ArrayLike, mean_value: ArrayLike) -> NDArray[Any]:
        """Return the expected value of an order of customers with so many orders of such a mean value.

        It lies between that mean and the mean of all customers; NaN where the model has no mean.
        """
        count, mean = np.asarray(orders, float), np.asarray(mean_value, float)
        weight = self.p * count + self.q - 1
        safe = np.where(weight > 0, weight, 1.0)
        return np.where(weight > 0, self.p * (self.v + count * mean) / safe, np.nan)


def fit_monetary_value(orders: NDArray[Any], mean_values: NDArray[Any]) -> MonetaryValue:
    """Return the model under which the mean values of customers with so many orders are most likely.

    Values must be positive: the model knows no others.
    """
    order = np.lexsort((mean_values, orders))
    counts, means = orders[order].astype(float), mean_values[order].astype(float)
    unit = float(means.mean())

    def loss_of(customers: NDArray[Any]) -> Callable[[NDArray[Any]], float]:
        n, mean = customers.T
        distinct, position = np.unique(n, return_inverse=True)
        logs_of_means, logs_of_counts = np.log(mean), np.log(n)

        def loss(logs: NDArray[Any]) -> float:
            if np.abs(logs).max() > LIMIT:
                return float("inf")
            p, q, v = np.exp(logs)
            shapes = np.array([lgamma(p * each + q) - lgamma(p * each) for each in distinct])[position]
            each = shapes + (p * n - 1) * logs_of_means + p * n * logs_of_counts
            each = each - (p * n + q) * np.log(v + n * mean)
            return -float(np.mean(each) - lgamma(q) + q * np.log(v))

        return loss

    starts = [np.log(start) for start in STARTS]
    best = minimize_from_each(loss_of, np.column_stack([counts, means / unit]), starts, tolerance=1e-10)
    p, q, v = (float(each) for each in np.exp(best))
    return MonetaryValue(p, q, v * unit)

"""How often customers order, and whether they still do: the MBG/NBD model.

Orders of an active customer follow a Poisson process whose rate is gamma distributed; after each order, the first too,
the customer leaves with a probability that is beta distributed (Batislam, Denizel and Filiztekin, 2007, Empirical
validation and comparison of models for customer base analysis). BG/NBD (Fader, Hardie and Lee, 2005, "Counting your
customers" the easy way) has no drop-out after the first order, so that whoever ordered once is active for ever; it is
here for comparison with published values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from shoplake.ml.nelder_mead import minimize_from_each

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

MAX_TERMS, LAST_TERM, CANCELLED = 5_000, 1e-14, 1e12
"""How many terms of a series are added at most, the first that is left out, and one after which none of it is exact."""
EPSILON = float(np.finfo(float).eps)
SMALLEST = float(np.finfo(float).tiny)
MAX_ERROR = 1e-9
"""Largest relative error of the series of expected orders."""
PANELS, NEGLIGIBLE = 200, 40.0
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)
"""The nodes of each panel of an integral that reaches to e^-`NEGLIGIBLE` of the greatest density."""
LIMIT = 14.0
"""Largest absolute logarithm of a parameter; the time unit is the mean observation time."""
STARTS = ((0, 0, 0, 0), (1, 1, 0, 0), (2, 1, 0, 0), (3, 1, -1, 1))
"""Logarithms of parameters at which a search begins; where customers order alike, it can end on a plateau."""


class History(NamedTuple):
    """The order histories of customers, one element per customer, or per group of customers with equal histories.

    `repeats` are order days after the first, `last` the days from the first to the last, `observed` those from the
    first to the end of the data, `customers` the number of customers of each element.
    """

    repeats: NDArray[Any]
    last: NDArray[Any]
    observed: NDArray[Any]
    customers: NDArray[Any]


@dataclass(frozen=True)
class OrderCounts:
    """A fitted model. `r` and `alpha` are of the rate's gamma, `a` and `b` of the drop-out's beta distribution."""

    r: float
    alpha: float
    a: float
    b: float
    can_leave_after_first: bool = True

    def log_likelihood(self, history: History) -> float:
        """Return the logarithm of the probability of the histories."""
        x, free = history.repeats.astype(int), int(self.can_leave_after_first)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        steps = np.arange(int(x.max(initial=0)) + 1)
        rates = np.concatenate([[0.0], np.cumsum(np.log(r + steps))])[x]
        stays = np.concatenate([[0.0], np.cumsum(np.log(b + steps) - np.log(a + b + steps))])[x + free]
        active = stays - (r + x) * np.log(alpha + history.observed)
        before = b + x + free - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            left = stays + np.log(a) - np.log(before) - (r + x) * np.log(alpha + history.last)
        left = np.where((x > 0) | self.can_leave_after_first, left, -np.inf)
        each = rates + r * np.log(alpha) + np.logaddexp(active, left)
        return float(np.sum(each * history.customers))

    def p_active(self, repeats: ArrayLike, last: ArrayLike, observed: ArrayLike) -> NDArray[Any]:
        """Return the probability that a customer still orders."""
        x, last, observed = (np.asarray(each, float) for each in (repeats, last, observed))
        before = self.b + x + int(self.can_leave_after_first) - 1
        odds = (self.r + x) * (np.log(self.alpha + observed) - np.log(self.alpha + last))
        can_leave = (x > 0) | self.can_leave_after_first
        left = np.where(can_leave, self.a / np.where(can_leave, before, 1.0) * np.exp(np.minimum(odds, 700)), 0.0)
        return np.asarray(1 / (1 + left))

    def p_order(self, repeats: ArrayLike, last: ArrayLike, observed: ArrayLike, days: float) -> NDArray[Any]:
        """Return the probability of an order within the next `days`: the complement is that of churn."""
        x, until = np.asarray(repeats, float), self.alpha + np.asarray(observed, float)
        silent = (until / (until + days)) ** (self.r + x)
        return np.asarray(self.p_active(repeats, last, observed) * (1 - silent))

    def expected_orders(self, repeats: ArrayLike, last: ArrayLike, observed: ArrayLike, days: float) -> NDArray[Any]:
        """Return the expected number of order days within the next `days`."""
        x, until = np.asarray(repeats, float), self.alpha + np.asarray(observed, float)
        b = self.b + x + int(self.can_leave_after_first)
        later = _expected_while_active(self.r + x, until, self.a, b, days)
        return np.asarray(self.p_active(repeats, last, observed) * later)

    def expected_of_new(self, days: float) -> float:
        """Return the expected number of order days of a new customer in the `days` after the first order."""
        stays = self.b / (self.a + self.b) if self.can_leave_after_first else 1.0
        b = self.b + int(self.can_leave_after_first)
        return float(stays * _expected_while_active(np.array(self.r), np.array(self.alpha), self.a, np.array(b), days))


def fit_order_counts(history: History, *, can_leave_after_first: bool = True) -> OrderCounts:
    """Return the model under which the histories are most likely. Without repeat orders the result means nothing."""
    order = np.lexsort((history.observed, history.last, history.repeats))
    sorted_ = History(*[each[order] for each in history])
    unit = max(float(np.average(sorted_.observed, weights=sorted_.customers)), 1e-9)
    scaled = sorted_._replace(last=sorted_.last / unit, observed=sorted_.observed / unit)

    def model(logs: NDArray[Any]) -> OrderCounts:
        r, alpha, a, b = (float(each) for each in np.exp(logs))
        return OrderCounts(r, alpha, a, b, can_leave_after_first)

    def loss_of(histories: NDArray[Any]) -> Callable[[NDArray[Any]], float]:
        each = History(*histories.T)
        total = float(each.customers.sum())

        def loss(logs: NDArray[Any]) -> float:
            return float("inf") if np.abs(logs).max() > LIMIT else -model(logs).log_likelihood(each) / total

        return loss

    starts = [np.array(start, float) for start in STARTS]
    best = model(minimize_from_each(loss_of, np.column_stack(scaled), starts, tolerance=1e-10))
    return OrderCounts(best.r, best.alpha * unit, best.a, best.b, can_leave_after_first)


def _expected_while_active(
    r: NDArray[Any], alpha: NDArray[Any], a: float, b: NDArray[Any], days: float
) -> NDArray[Any]:
    """Return the expected orders in `days` of a customer who is active at their beginning.

    That is (a+b-1)/(a-1) · (1 - (1-z)^(a-1) · 2F1(a+b-1-r, a-1; a+b-1; z)) with z = days / (alpha + days): equation 9
    of Fader, Hardie and Lee after Euler's transformation, under which the series converges for every z below 1. Its
    terms change their sign where `r` is large, as for customers who order alike; where they cancel, the integral that
    the series stands for is computed instead.
    """
    a = a if abs(a - 1) > 1e-6 else 1 + 1e-6
    c, z = a + b - 1, days / (alpha + days)
    shape = np.broadcast(r, alpha, b).shape
    term, total, largest = np.ones(shape), np.ones(shape), np.ones(shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for n in range(MAX_TERMS):
            term = term * (c - r + n) * (a - 1 + n) / ((c + n) * (n + 1)) * z
            total, largest = total + term, np.maximum(largest, np.abs(term))
            if not np.abs(term).max(initial=0.0) >= LAST_TERM or largest.min(initial=np.inf) > CANCELLED:
                break
        scale, factor = c / (a - 1), (1 - z) ** (a - 1)
        expected = np.asarray(scale * (1 - factor * total))
        lost = np.abs(scale) * factor * largest * EPSILON
        is_exact = (lost <= MAX_ERROR * expected) & (np.abs(term) < LAST_TERM) & (factor > SMALLEST)
    rest = ~is_exact & ~np.isnan(r + alpha + a + b)
    if rest.any():
        of_rest = np.stack([np.broadcast_to(each, shape)[rest] for each in (r, alpha, b)])
        expected[rest] = _integrate_while_active(of_rest, a, days)
    return expected


def _integrate_while_active(of_each: NDArray[Any], a: float, days: float) -> NDArray[Any]:
    """Return for each column of `r`, `alpha` and `b` the mean of (1 - (1 + p · days / alpha)^-r) / p.

    p has the beta distribution of `a` and `b`: that is what a customer with the drop-out probability p orders. The
    integral is over the logarithm of p's odds. Where p is so small that the mean is its limit r · days / alpha, the
    rest of it is known.
    """
    distinct, position = np.unique(of_each, axis=1, return_inverse=True)
    means = [_mean_while_active(r, alpha, b, a, days) for r, alpha, b in distinct.T.tolist()]
    return np.array(means)[position.reshape(-1)]


def _mean_while_active(r: float, alpha: float, b: float, a: float, days: float) -> float:
    limit = r * days / alpha
    top = np.log(a) - np.log(b)

    def density(odds: NDArray[Any]) -> NDArray[Any]:
        """Return the logarithm of the density of the odds, less that of the most likely ones."""
        logs = [-a * np.logaddexp(0, -each) - b * np.logaddexp(0, each) for each in (odds, top)]
        return np.asarray(logs[0] - logs[1])

    width = np.sqrt(1 / a + 1 / b)
    low, high = top - NEGLIGIBLE * (width + 1 / a), top + NEGLIGIBLE * (width + 1 / b)
    constant_below = np.log(1e-10 / max(1.0, limit, b))
    edges = np.linspace(max(low, min(constant_below, top - 1)), high, PANELS + 1)
    half = np.diff(edges)[:, None] / 2
    odds = (edges[:-1, None] + half + half * NODES).ravel()
    weights = (half * WEIGHTS).ravel() * np.exp(density(odds))
    p = np.exp(-np.logaddexp(0, -odds))
    ordered = -np.expm1(-r * np.log1p(p * days / alpha)) / p
    rest = float(np.exp(density(edges[:1])[0])) / a
    return float((weights @ ordered + rest * limit) / (weights.sum() + rest))

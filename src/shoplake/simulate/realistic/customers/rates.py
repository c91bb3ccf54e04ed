"""Purchase rates and drop-out: the MBG/NBD model with covariates.

After each order, the first too, a customer leaves for good with the probability `drop_out`; else the next order comes
after an exponential time with the rate `rate` in business days. Rates are Gamma(r, alpha) and drop-out probabilities
Beta(a, b) distributed; covariates z multiply alpha by exp(-gamma·z) and b by exp(-delta·z).
Source: Batislam, Denizel, Filiztekin (2007), "Empirical validation and comparison of models for customer base
analysis", International Journal of Research in Marketing 24(3). BG/NBD differs: nobody leaves after the first order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from shoplake.simulate.rng import Flags, Floats, Ints

R, A, B = 2.0, 1.0, 4.0
COVARIATES = ("paid_social", "mobile", "discounted_first_order")
COVARIATE_SHARES = (0.18, 0.0, 0.25)
"""Shares of buyers; whether the main device is mobile depends on the device."""
GAMMA = np.array([-0.35, -0.10, -0.25])
"""Effects of the covariates on the logarithm of the rate."""
DELTA = np.array([0.40, 0.10, 0.30])
"""Effects of the covariates on -log(b): greater means that customers leave earlier."""
MAX_ORDERS = 1_000
"""Most orders of a customer."""


@dataclass(frozen=True)
class Rates:
    """The hidden parameters of each buyer; `alpha` is shared by all, in business days."""

    alpha: float
    covariates: Flags
    rate: Floats
    drop_out: Floats


@dataclass(frozen=True)
class Occasions:
    """The orders of the buyers inside the period, by buyer and time; `at` is in business days.

    `ordinal` is 0 for a buyer's first order; `leaves` is true for the order after which the buyer drops out.
    """

    buyer: Ints
    ordinal: Ints
    at: Floats
    leaves: Flags


def draw_covariates(rng: np.random.Generator, is_mobile: Flags) -> Flags:
    """Draw the covariates of buyers whose main device is known: buyers × `COVARIATES`."""
    covariates: Flags = rng.random((len(is_mobile), len(COVARIATES))) < np.array(COVARIATE_SHARES)
    covariates[:, COVARIATES.index("mobile")] = is_mobile
    return covariates


def draw_occasions(rng: np.random.Generator, covariates: Flags, orders: int, period: float) -> tuple[Rates, Occasions]:
    """Draw the buyers' parameters and about `orders` orders in `period` business days.

    First orders are spread evenly over the period. `alpha` is chosen so that the number of orders is as near to
    `orders` as it gets; each buyer has at least one.
    """
    buyers = len(covariates)
    unit_rate = rng.gamma(R, 1.0, buyers) * np.exp(covariates @ GAMMA)
    drop_out = rng.beta(A, B * np.exp(-(covariates @ DELTA)))
    lifetime = np.minimum(rng.geometric(np.maximum(drop_out, 1e-9)), MAX_ORDERS).astype(np.int64)
    first = np.sort(rng.random(buyers)) * period
    owner = np.repeat(np.arange(buyers), lifetime)
    ordinal = np.arange(len(owner)) - np.repeat(np.cumsum(lifetime) - lifetime, lifetime)
    gaps = np.where(ordinal == 0, 0.0, rng.exponential(size=len(owner)) / unit_rate[owner])
    waited = np.cumsum(gaps)
    waited -= waited[ordinal == 0][owner]
    alpha = _fit_alpha(first[owner], waited, period, orders)
    at = first[owner] + alpha * waited
    inside = at < period
    leaves = (ordinal == lifetime[owner] - 1) & (lifetime[owner] < MAX_ORDERS)
    rates = Rates(alpha, covariates, unit_rate / alpha, drop_out)
    return rates, Occasions(owner[inside], ordinal[inside], at[inside], leaves[inside])


def _fit_alpha(first: Floats, waited: Floats, period: float, orders: int) -> float:
    """Find the alpha with the wanted number of orders; the number falls as alpha grows."""
    low, high = -12.0, 12.0
    for _ in range(50):
        middle = (low + high) / 2
        if np.count_nonzero(first + np.exp(middle) * waited < period) > orders:
            low = middle
        else:
            high = middle
    return float(np.exp(high))

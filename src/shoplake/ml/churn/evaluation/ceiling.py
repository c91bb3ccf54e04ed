"""What can be known: the exact probability of churn in a simulated shop whose parameters are known.

Times are business days, in which the rates of the simulation are constant. With the parameters of MBG/NBD, and of
covariates that multiply them, the posterior given a customer's orders is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


BEST = "best possible"
"""The name of these scores among those of models."""
VISITS = "days_since_last_visit"
BY_ORDERS = "The best possible is by orders alone; this model knows visits too and may be above it."
UNKNOWN = "The best possible AUC is unknown: only a simulated shop has known parameters."


def is_best_by_orders(single_features: Mapping[str, float]) -> bool:
    """Whether the features know visits, which the best possible score does not, by the AUC of each feature alone."""
    return single_features.get(VISITS, 0.5) > 0.5


def explain_best(metrics: Mapping[str, Any]) -> list[str]:
    """Return what to know of the best possible figures of an evaluation; nothing where they are a bound."""
    if BEST not in metrics.get("differences", {}):
        return [UNKNOWN]
    return [BY_ORDERS] if is_best_by_orders(metrics.get("single_features", {})) else []


@dataclass(frozen=True)
class KnownRates:
    """The parameters of the simulation: `gamma` and `delta` are effects of covariates on rate and drop-out."""

    r: float
    alpha: float
    a: float
    b: float
    gamma: Floats
    delta: Floats

    def p_churn(
        self, repeats: Floats, last: Floats, observed: Floats, horizon: float, covariates: NDArray[Any]
    ) -> Floats:
        """Return the probability of no order in the next `horizon` business days: the best possible score.

        `repeats`, `last` and `observed` are as in `OrderCounts`; `covariates` are customers × covariates.
        """
        alpha = self.alpha * np.exp(-(covariates @ self.gamma))
        b = self.b * np.exp(-(covariates @ self.delta))
        odds = (self.r + repeats) * (np.log(alpha + observed) - np.log(alpha + last))
        p_active = 1 / (1 + self.a / (b + repeats) * np.exp(np.minimum(odds, 700)))
        silent = ((alpha + observed) / (alpha + observed + horizon)) ** (self.r + repeats)
        return np.asarray(1 - p_active * (1 - silent))


def p_churn_of_oracle(rate: Floats, has_left: NDArray[Any], horizon: float) -> Floats:
    """Return the probability of churn where rate and drop-out are known: out of reach, it shows what is chance."""
    return np.where(has_left, 1.0, np.exp(-rate * horizon))

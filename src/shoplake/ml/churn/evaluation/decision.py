"""From probabilities to decisions: the expected profit of contacting the customers most likely to leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

POINTS = 101


@dataclass(frozen=True)
class Campaign:
    """What a retention campaign is assumed to cost and to bring, in the shop's currency.

    `margin` is what a saved customer is worth, `contact_cost` what each contact costs, and `save_rate` the share of
    leaving customers whom the contact keeps. The save rate is an assumption: only an experiment can measure it.
    """

    margin: float = 40.0
    contact_cost: float = 1.0
    save_rate: float = 0.05

    @property
    def threshold(self) -> float:
        """The probability of churn above which a contact pays: contact_cost / (save_rate × margin)."""
        return self.contact_cost / (self.save_rate * self.margin)


@dataclass(frozen=True)
class ProfitCurve:
    """Expected profit by share of customers contacted, the most likely to leave first; `best` is a position."""

    share: Floats
    profit: Floats
    best: int


def profit_curve(probability: Floats, campaign: Campaign) -> ProfitCurve:
    """Return the expected profit of contacting 0 to 100 % of the customers."""
    ordered = np.sort(probability)[::-1]
    gains = np.concatenate([[0.0], np.cumsum(ordered * campaign.save_rate * campaign.margin - campaign.contact_cost)])
    share = np.linspace(0, 1, POINTS)
    profit = gains[np.round(share * len(ordered)).astype(int)]
    return ProfitCurve(share, profit, int(np.argmax(profit)))

"""A churn model: a forest and its calibration, whose probabilities are explained feature by feature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from shoplake.ml.churn.forest import ForestScorer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.ensemble import RandomForestClassifier

    from shoplake.ml.churn.calibration import Calibration

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChurnModel:
    """A forest over the features `names`, and the calibration of its scores."""

    forest: RandomForestClassifier
    calibration: Calibration
    names: tuple[str, ...]

    @cached_property
    def scorer(self) -> ForestScorer:
        """The forest, explained."""
        return ForestScorer(self.forest)

    @property
    def base(self) -> float:
        """The calibrated probability without any feature."""
        return float(self.calibration(np.array([self.scorer.base]))[0])

    def probabilities(self, values: Floats) -> Floats:
        """Return the calibrated probability of churn of each row."""
        return self.calibration(self.scorer.scores(values))

    def explain(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the probabilities, and the contributions of each row and feature.

        A row's contributions are those to the forest's score, stretched so that with the base they add up to the
        calibrated probability.
        """
        raw = self.scorer.contributions(values)
        change = raw.sum(axis=1)
        probability = self.calibration(self.scorer.base + change)
        wanted = probability - self.base
        stretch = np.divide(wanted, change, out=np.ones_like(change), where=np.abs(change) > 1e-9)
        explained = raw * stretch[:, None]
        rest = wanted - explained.sum(axis=1)
        return probability, explained + (rest / max(raw.shape[1], 1))[:, None]

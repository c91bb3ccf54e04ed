"""Calibration of scores: Platt's logistic curve or an isotonic step function, whichever predicts better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.churn.evaluation.metrics import brier, calibration_line, logit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDS = 5


@dataclass(frozen=True)
class Platt:
    """The curve 1 / (1 + exp(-(slope · logit(score) + intercept))) (Platt, 1999)."""

    slope: float
    intercept: float

    def __call__(self, score: Floats) -> Floats:
        """Return calibrated probabilities."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * logit(score) + self.intercept))))

    def to_dict(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return {"kind": "platt", "slope": self.slope, "intercept": self.intercept}


@dataclass(frozen=True)
class Isotonic:
    """A curve that never falls, linear between its points (Zadrozny and Elkan, 2002)."""

    scores: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __call__(self, score: Floats) -> Floats:
        """Return calibrated probabilities."""
        return np.interp(score, self.scores, self.probabilities)

    def to_dict(self) -> dict[str, Any]:
        """Return the calibration as plain values."""
        return {"kind": "isotonic", "scores": list(self.scores), "probabilities": list(self.probabilities)}


Calibration = Platt | Isotonic
IDENTITY = Platt(1.0, 0.0)


def fit_platt(score: Floats, truth: NDArray[Any]) -> Platt:
    """Fit Platt's curve; without both outcomes it changes nothing."""
    slope, intercept = calibration_line(score, truth)
    return Platt(slope, intercept) if np.isfinite(slope) and slope > 0 else IDENTITY


def fit_isotonic(score: Floats, truth: NDArray[Any]) -> Isotonic:
    """Fit the isotonic curve by pooling neighbours that fall; a point is the mean score and share of a pool."""
    values, position = np.unique(score, return_inverse=True)
    sums, counts = np.bincount(position, weights=truth), np.bincount(position).astype(float)
    pools: list[list[float]] = []
    for value, hits, count in zip(values.tolist(), sums.tolist(), counts.tolist(), strict=True):
        pools.append([value * count, hits, count])
        while len(pools) > 1 and pools[-2][1] / pools[-2][2] >= pools[-1][1] / pools[-1][2]:
            last = pools.pop()
            pools[-1] = [left + right for left, right in zip(pools[-1], last, strict=True)]
    return Isotonic(tuple(at / n for at, _, n in pools), tuple(hits / n for _, hits, n in pools))


def fit_calibration(score: Floats, truth: NDArray[Any]) -> Calibration:
    """Return the calibration with the lower Brier score on rows that it was not fitted to, in 5 folds by position."""
    fold = np.arange(len(truth)) % FOLDS
    losses = []
    for fit in (fit_platt, fit_isotonic):
        held_out = np.empty(len(truth))
        for each in range(FOLDS):
            held_out[fold == each] = fit(score[fold != each], truth[fold != each])(score[fold == each])
        losses.append(brier(held_out, truth))
    return fit_platt(score, truth) if losses[0] <= losses[1] else fit_isotonic(score, truth)


def load_calibration(values: Mapping[str, Any]) -> Calibration:
    """Return a calibration of its plain values. Raises ValueError for what is none."""
    if values.get("kind") == "platt":
        return Platt(float(values["slope"]), float(values["intercept"]))
    if values.get("kind") == "isotonic" and len(values["scores"]) == len(values["probabilities"]) > 0:
        return Isotonic(tuple(map(float, values["scores"])), tuple(map(float, values["probabilities"])))
    raise ValueError(f"{values.get('kind')!r} is no calibration.")

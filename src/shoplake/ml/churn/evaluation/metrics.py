"""Metrics of predicted probabilities, and paired bootstrap intervals of their differences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BINS = 10
TOP_SHARE = 0.10
CLIP = 1e-4
"""Probabilities are kept this far from 0 and 1 for their logit: a forest predicts exactly 0 and 1."""


@dataclass(frozen=True)
class Metrics:
    """The metrics of one model on one set of rows; `base_rate` is the share of churned customers.

    Those that need a probability are None for a score that is none, such as days since the last order. ROC and PR areas
    and lift say how well customers are ranked; slope (1 is best), intercept (0), `ece` (0), Brier score and log loss
    say how far the probabilities can be trusted.
    """

    rows: int
    base_rate: float
    roc_auc: float
    pr_auc: float
    lift_at_10: float
    captured_at_10: float
    brier: float | None = None
    brier_skill: float | None = None
    log_loss: float | None = None
    calibration_slope: float | None = None
    calibration_intercept: float | None = None
    ece: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics as plain values; None for what the rows do not tell, such as the slope of equal scores."""
        return {name: None if value is not None and np.isnan(value) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def evaluate(score: Floats, is_churned: NDArray[Any], *, is_probability: bool = True) -> Metrics:
    """Return the metrics of a score for which higher means more likely to churn."""
    truth = np.asarray(is_churned, float)
    base = float(truth.mean())
    lift, captured = top_share(score, truth)
    ranking = (len(truth), base, roc_auc(score, truth), pr_auc(score, truth), lift, captured)
    if not is_probability:
        return Metrics(*ranking)
    slope, intercept = calibration_line(score, truth)
    loss = brier(score, truth)
    return Metrics(
        *ranking,
        brier=loss,
        brier_skill=1 - loss / (base * (1 - base)) if 0 < base < 1 else float("nan"),
        log_loss=log_loss(score, truth),
        calibration_slope=slope,
        calibration_intercept=intercept,
        ece=expected_calibration_error(score, truth),
    )


def roc_auc(score: Floats, truth: NDArray[Any]) -> float:
    """Return the probability that a churned customer has a higher score than another; ties count half."""
    positives = float(np.sum(truth))
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    rank = mean_ranks(score)
    return float((np.sum(rank[truth > 0]) - positives * (positives + 1) / 2) / (positives * negatives))


def mean_ranks(score: Floats) -> Floats:
    """Return ranks from 1; equal scores share their mean rank."""
    _, position, counts = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray(((ends - counts + 1 + ends) / 2)[position])


def pr_auc(score: Floats, truth: NDArray[Any]) -> float:
    """Return the average precision: precision at each distinct score, weighted by the recall that it adds."""
    values, position = np.unique(-score, return_inverse=True)
    hits = np.cumsum(np.bincount(position, weights=truth, minlength=len(values)))
    chosen = np.cumsum(np.bincount(position, minlength=len(values)))
    if not hits[-1]:
        return float("nan")
    return float(np.sum(np.diff(hits, prepend=0) / hits[-1] * hits / chosen))


def top_share(score: Floats, truth: NDArray[Any], share: float = TOP_SHARE) -> tuple[float, float]:
    """Return lift and captured share of the customers with the highest scores; ties are split in proportion."""
    wanted = share * len(truth)
    position = np.unique(-score, return_inverse=True)[1]
    hits, counts = np.bincount(position, weights=truth), np.bincount(position)
    selected = np.clip(wanted - (np.cumsum(counts) - counts), 0, counts)
    found, total = float(np.sum(hits * selected / counts)), float(np.sum(truth))
    if not total:
        return float("nan"), float("nan")
    return found / wanted / (total / len(truth)), found / total


def brier(score: Floats, truth: NDArray[Any]) -> float:
    """Return the mean squared difference between probability and outcome."""
    return float(np.mean((score - truth) ** 2))


def log_loss(score: Floats, truth: NDArray[Any]) -> float:
    """Return the mean negative logarithm of the probability of what happened."""
    clipped = np.clip(score, CLIP, 1 - CLIP)
    return float(-np.mean(truth * np.log(clipped) + (1 - truth) * np.log(1 - clipped)))


def logit(score: Floats) -> Floats:
    """Return the log-odds of probabilities, which are clipped before."""
    clipped = np.clip(score, CLIP, 1 - CLIP)
    return np.asarray(np.log(clipped / (1 - clipped)))


def calibration_line(score: Floats, truth: NDArray[Any]) -> tuple[float, float]:
    """Return slope and intercept of a logistic regression of the outcome on the log-odds (Cox, 1958).

    Newton's method; NaN where outcomes or scores are all the same.
    """
    x = np.column_stack([logit(np.asarray(score, float)), np.ones(len(truth))])
    if np.ptp(x[:, 0]) == 0 or np.ptp(truth) == 0:
        return float("nan"), float("nan")
    weights = np.array([1.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (truth - p)
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2), gradient)
        weights = weights + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-10:
            break
    return float(weights[0]), float(weights[1])


def calibration_bins(score: Floats, truth: NDArray[Any], bins: int = BINS) -> list[tuple[int, float, float]]:
    """Return rows, mean probability and churned share of bins with equally many customers, by rising probability.

    Customers of one score that two bins share are divided in proportion.
    """
    order, expected = np.argsort(score, kind="stable"), mean_by_score(score, truth)
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [(len(part), float(np.mean(score[part])), float(np.mean(expected[part]))) for part in parts]


def mean_by_score(score: Floats, truth: NDArray[Any]) -> Floats:
    """Return for each customer the mean outcome of those with the same score; the order of rows does not matter."""
    _, position, counts = np.unique(score, return_inverse=True, return_counts=True)
    return np.asarray((np.bincount(position, weights=truth) / counts)[position])


def expected_calibration_error(score: Floats, truth: NDArray[Any]) -> float:
    """Return the mean difference between probability and churned share over the calibration bins."""
    bins = calibration_bins(score, truth)
    return sum(rows * abs(predicted - observed) for rows, predicted, observed in bins) / len(truth)


def bootstrap_auc_difference(
    one: Floats, other: Floats, truth: NDArray[Any], *, rounds: int = 1_000, seed: int = 7
) -> Interval:
    """Return the ROC AUC of one score less that of another, with its 95 % interval by a paired bootstrap.

    Customers are resampled, the same for both scores. Each score is sorted once; a round weighs its customers.
    """
    rng, size = np.random.default_rng(seed), len(truth)
    groups = [np.unique(score, return_inverse=True)[1] for score in (one, other)]
    differences = []
    for _ in range(rounds):
        weight = np.bincount(rng.integers(0, size, size), minlength=size)
        areas = [_weighted_auc(group, weight * truth, weight * (1 - truth)) for group in groups]
        differences.append(areas[0] - areas[1])
    low, high = np.nanquantile(differences, [0.025, 0.975])
    return Interval(roc_auc(one, truth) - roc_auc(other, truth), float(low), float(high))


def _weighted_auc(group: NDArray[Any], positives: Floats, negatives: Floats) -> float:
    """Return the ROC AUC of weighted rows, whose equal scores have one group, numbered by rising score."""
    above, below = np.bincount(group, weights=positives), np.bincount(group, weights=negatives)
    pairs = float(above.sum() * below.sum())
    smaller = np.cumsum(below) - below / 2
    return float(above @ smaller) / pairs if pairs else float("nan")

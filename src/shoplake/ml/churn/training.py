"""Trains a churn model and measures it beside its peers on the test day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.churn.calibration import fit_calibration
from shoplake.ml.churn.evaluation.ceiling import BEST, is_best_by_orders
from shoplake.ml.churn.evaluation.metrics import (
    bootstrap_auc_difference,
    calibration_bins,
    evaluate,
    mean_by_score,
    roc_auc,
)
from shoplake.ml.churn.forest import TREES, ForestScorer, fit_forest
from shoplake.ml.churn.model import ChurnModel
from shoplake.ml.churn.peers import FOREST, MBG_NBD, RECENCY, score_peers
from shoplake.ml.churn.rows import CALIBRATE, TEST, TRAIN
from shoplake.ml.model_errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from shoplake.ml.churn.rows import ChurnRows

    Floats = NDArray[np.float64]

SEGMENTS = (("1 order day", 1, 1), ("2 to 4", 2, 4), ("5 and more", 5, np.inf))
IMPORTANCE_ROWS, IMPORTANCE_ROUNDS = 2_000, 5
ROC_POINTS = 101
LEAK_AUC = 0.98
"""No history of orders comes near it; defining churn by recency and keeping recency as a feature gives 1."""
MAX_ABOVE_BEST = 0.009
"""The sampling error of an AUC; a model that is better than the best possible one by more knows the future."""


@dataclass(frozen=True)
class ChurnEvaluation:
    """What a training measured on the test rows, by plain values that JSON can represent.

    `metrics` are by model; `differences` are AUC differences of the forest to its peers, with their 95 % intervals;
    `single_features` are the AUC of each feature alone; `curves` are the points of the report's charts.
    """

    metrics: dict[str, dict[str, Any]]
    differences: dict[str, dict[str, float]]
    segments: list[dict[str, Any]]
    importance: list[dict[str, Any]]
    single_features: dict[str, float]
    curves: dict[str, Any]
    rows: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as plain values."""
        return dict(vars(self))


@dataclass(frozen=True)
class TrainedChurn:
    """A trained model, the scores of the test rows by model, and what was measured."""

    model: ChurnModel
    scores: dict[str, Floats]
    evaluation: ChurnEvaluation


def fit_model(rows: ChurnRows, *, seed: int, trees: int = TREES) -> ChurnModel:
    """Fit the forest to the training rows and its calibration to the calibration rows."""
    train, calibrate = rows.part(TRAIN), rows.part(CALIBRATE)
    forest = fit_forest(train.values, train.is_churned, seed=seed, trees=trees)
    scores = ForestScorer(forest).scores(calibrate.values)
    return ChurnModel(forest, fit_calibration(scores, calibrate.is_churned), rows.names)


def train_churn(
    rows: ChurnRows, *, seed: int, trees: int = TREES, rounds: int = 1_000, best: Floats | None = None
) -> TrainedChurn:
    """Train a model and its peers and evaluate all on the test rows.

    `best` are the best possible scores of the test rows, where they are known; they take part as a peer. Raises
    TrainingError for too few rows, for a feature that alone predicts the outcome almost exactly, and for a model that
    is better than `best` although it knows orders alone, as `best` does.
    """
    rows.check()
    check_leakage(single_feature_aucs(rows))
    model = fit_model(rows, seed=seed, trees=trees)
    scores = {FOREST: model.probabilities(rows.part(TEST).values)} | score_peers(rows, seed=seed)
    scores |= {BEST: best} if best is not None else {}
    evaluation = evaluate_models(model, scores, rows, seed=seed, rounds=rounds)
    if not is_best_by_orders(evaluation.single_features):
        check_ceiling(evaluation.differences)
    return TrainedChurn(model, scores, evaluation)


def evaluate_models(
    model: ChurnModel, scores: dict[str, Floats], rows: ChurnRows, *, seed: int, rounds: int
) -> ChurnEvaluation:
    """Measure scores of the test rows by model."""
    test = rows.part(TEST)
    truth = test.is_churned
    metrics = {name: evaluate(each, truth, is_probability=name != RECENCY).to_dict() for name, each in scores.items()}
    differences = {
        name: vars(bootstrap_auc_difference(scores[FOREST], scores[name], truth, rounds=rounds, seed=seed))
        for name in (RECENCY, MBG_NBD, BEST)
        if name in scores
    }
    curves = {
        "roc": {name: roc_curve(each, truth) for name, each in scores.items() if name in (FOREST, RECENCY, BEST)},
        "calibration": [list(each) for each in calibration_bins(scores[FOREST], truth)],
        "probabilities": np.quantile(scores[FOREST], np.linspace(0, 1, 201)).tolist(),
        "lift": lift_curve(scores[FOREST], truth),
    }
    counts = {split: int((rows.split == split).sum()) for split in (TRAIN, CALIBRATE, TEST)}
    importance = permutation_importance(model, test, seed=seed)
    single, segments = single_feature_aucs(rows), _segments(scores[FOREST], test)
    return ChurnEvaluation(metrics, differences, segments, importance, single, curves, counts)


def single_feature_aucs(rows: ChurnRows) -> dict[str, float]:
    """Return the AUC of each feature alone on the test rows, in the direction that predicts."""
    test = rows.part(TEST)
    areas = {name: roc_auc(test.column(name), test.is_churned) for name in test.names}
    return {name: max(area, 1 - area) for name, area in areas.items()}


def check_leakage(areas: dict[str, float]) -> None:
    """Raise TrainingError for a feature whose AUC alone is out of reach of what is known beforehand."""
    for name, area in areas.items():
        if area >= LEAK_AUC:
            raise TrainingError(
                f"The feature '{name}' alone has an AUC of {area:.3f}: it knows the outcome. "
                "Aggregate only rows before the as-of day."
            )


def check_ceiling(differences: Mapping[str, Mapping[str, float]]) -> None:
    """Raise TrainingError for a forest that is above what can be known by more than chance and sampling error."""
    above = differences.get(BEST)
    if above is not None and above["low"] > MAX_ABOVE_BEST:
        raise TrainingError(
            f"The AUC of the forest is {above['value']:.3f} above the best possible: a feature knows the future. "
            "Aggregate only rows before the as-of day."
        )


def roc_curve(score: Floats, truth: NDArray[Any]) -> list[list[float]]:
    """Return points of the ROC curve: share of retained and of churned customers above falling scores."""
    order = np.argsort(-score, kind="stable")
    hits, misses = np.cumsum(truth[order]), np.cumsum(1 - truth[order])
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    x, y = np.append(0, misses[ends] / max(misses[-1], 1)), np.append(0, hits[ends] / max(hits[-1], 1))
    grid = np.linspace(0, 1, ROC_POINTS)
    return _points(grid, np.interp(grid, x, y))


def lift_curve(score: Floats, truth: NDArray[Any]) -> list[list[float]]:
    """Return the share of all churned customers among the 0 to 100 % with the highest scores; ties in proportion."""
    expected = mean_by_score(score, truth)
    found = np.append(0, np.cumsum(expected[np.argsort(-score, kind="stable")])) / max(truth.sum(), 1)
    grid = np.linspace(0, 1, ROC_POINTS)
    return _points(grid, found[np.round(grid * len(score)).astype(int)])


def _points(x: Floats, y: Floats) -> list[list[float]]:
    return [[round(float(one), 5), round(float(other), 5)] for one, other in zip(x, y, strict=True)]


def permutation_importance(model: ChurnModel, test: ChurnRows, *, seed: int) -> list[dict[str, Any]]:
    """Return by how much the AUC falls when the values of a feature are shuffled; low and high of 5 shuffles."""
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(test.values))[:IMPORTANCE_ROWS]
    values, truth = test.values[chosen], test.is_churned[chosen]
    whole = roc_auc(model.probabilities(values), truth)
    found = []
    for position, name in enumerate(test.names):
        if np.ptp(values[:, position]) == 0:
            continue
        shuffled = np.tile(values, (IMPORTANCE_ROUNDS, 1))  # at once: each call costs as much as some thousand rows
        column = values[:, position]
        shuffled[:, position] = np.concatenate([rng.permutation(column) for _ in range(IMPORTANCE_ROUNDS)])
        scores = np.split(model.probabilities(shuffled), IMPORTANCE_ROUNDS)
        drops = [whole - roc_auc(score, truth) for score in scores]
        found.append({"feature": name, "drop": float(np.mean(drops)), "low": min(drops), "high": max(drops)})
    return sorted(found, key=lambda each: (-each["drop"], each["feature"]))


def _segments(score: Floats, test: ChurnRows) -> list[dict[str, Any]]:
    """Return the metrics of one-time buyers, of those with 2 to 4 order days, and of the others."""
    days, found = test.column("order_days"), []
    for name, least, most in SEGMENTS:
        chosen = (days >= least) & (days <= most)
        if np.ptp(test.is_churned[chosen]) if chosen.any() else False:
            found.append({"segment": name, **evaluate(score[chosen], test.is_churned[chosen]).to_dict()})
    return found

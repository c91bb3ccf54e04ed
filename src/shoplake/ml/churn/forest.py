"""A random forest whose scores are explained: each is the sum of a base and of contributions of the features."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.churn.leaf_finder import LeafFinder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sklearn.ensemble import RandomForestClassifier

    Floats = NDArray[np.float64]

TREES, MAX_DEPTH, MIN_LEAF = 300, 12, 20
FINDING = Lock()
"""Held by the thread that finds leaves by bits."""
BLOCK, PART = 16_384, 4_096
"""Rows whose leaves are found at a time, and whose contributions are added at a time, in the cache of a core."""


def fit_forest(values: Floats, is_churned: NDArray[Any], *, seed: int, trees: int = TREES) -> RandomForestClassifier:
    """Fit a forest. Classes have no weights: those ruin the calibration. Equal arguments give equal forests."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        trees, max_depth=MAX_DEPTH, min_samples_leaf=MIN_LEAF, max_features="sqrt", random_state=seed, n_jobs=-1
    )
    forest.fit(np.asarray(values, np.float32), np.asarray(is_churned, float))
    return forest.set_params(n_jobs=None)


@dataclass(frozen=True)
class ForestScorer:
    """Scores rows by a forest.

    A split changes the share of churned customers from that of the parent to that of the child; the difference is the
    contribution of the split's feature (Saabas, 2014, Interpreting random forests).
    """

    forest: RandomForestClassifier

    def prepare(self) -> None:
        """Make what the contributions of all rows are found with, so that the first rows do not wait for it."""
        _ = self._finder, self._tables, self._most_important

    @cached_property
    def base(self) -> float:
        """The score without any feature: the mean share at the roots."""
        return float(np.mean([_shares(tree.tree_)[0] for tree in self.forest.estimators_]))

    def scores(self, values: Floats) -> Floats:
        """Return the mean share of churned customers at the leaves of each row."""
        return np.asarray(self.forest.predict_proba(np.asarray(values, np.float32))[:, 1], float)

    def contributions(self, values: Floats) -> Floats:
        """Return the contributions of each row and feature; with the base they add up to the score."""
        rows = np.asarray(values, np.float32)
        blocks = [self._block(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)]
        return np.vstack(blocks) if blocks else np.zeros((0, rows.shape[1]))

    def _block(self, rows: NDArray[np.float32]) -> Floats:
        total, found = np.zeros(rows.shape), np.empty((min(PART, len(rows)), rows.shape[1]))
        with self._finder_for(rows) as finder:
            every = self._walk(rows) if finder is None else finder.leaves(rows)
            for leaves, table in zip(every, self._tables, strict=True):
                for start in range(0, len(rows), PART):
                    part = total[start : start + PART]
                    part += np.take(table, leaves[start : start + PART], axis=0, out=found[: len(part)], mode="clip")
        return total / len(self._tables)

    @contextmanager
    def _finder_for(self, rows: NDArray[np.float32]) -> Iterator[LeafFinder | None]:
        """Yield the finder, or None where the trees are to be walked: it knows no missing values.

        One thread has it at a time, and others walk meanwhile: its many short calls would wait for the interpreter's
        lock, so that two threads with it take as long as one after the other. The leaves are the same.
        """
        if self._finder is None or np.isnan(rows).any() or not FINDING.acquire(blocking=False):
            yield None
            return
        try:
            yield self._finder
        finally:
            FINDING.release()

    def _walk(self, rows: NDArray[np.float32]) -> Iterator[NDArray[np.intp]]:
        """Yield the leaves of the rows, tree by tree.

        Rows are walked in the order of the feature that decides most: those that are alike take the same branches one
        after the other, which a processor foresees.
        """
        order = np.argsort(rows[:, self._most_important])
        alike, leaves = rows[order], np.empty(len(rows), np.intp)
        for tree in self.forest.estimators_:
            leaves[order] = tree.tree_.apply(alike)
            yield leaves

    @cached_property
    def _most_important(self) -> int:
        return int(np.argmax(self.forest.feature_importances_))

    @cached_property
    def _finder(self) -> LeafFinder | None:
        trees = [tree.tree_ for tree in self.forest.estimators_]
        return LeafFinder(trees) if LeafFinder.is_faster(trees) else None

    @cached_property
    def _tables(self) -> list[Floats]:
        """Contributions by node and feature, of each tree: all nodes of `_leaves` are in it."""
        return [_node_contributions(tree.tree_) for tree in self.forest.estimators_]


def _shares(tree: Any) -> Floats:
    """Return the share of churned customers at each node."""
    values = tree.value[:, 0, :]
    return np.asarray(values[:, 1] / values.sum(axis=1))


def _node_contributions(tree: Any) -> Floats:
    """Return what the path to each node contributes by feature, level by level."""
    shares, table = _shares(tree), np.zeros((tree.node_count, tree.n_features))
    parents = np.flatnonzero(tree.children_left[:1] >= 0)
    while len(parents):
        children = np.concatenate([tree.children_left[parents], tree.children_right[parents]])
        above = np.concatenate([parents, parents])
        table[children] = table[above]
        table[children, tree.feature[above]] += shares[children] - shares[above]
        parents = children[tree.children_left[children] >= 0]
    return table

"""Finds the leaf of each row in each tree of a forest by sets of rows as bits, 64 rows at a time.

Each comparison of a feature with a threshold is one bit per row, made once for all trees. The rows that reach a node
are those that reach its parent and compare so: one AND of words, where a walk takes a branch per row. That features are
compared instead of trees walked is the idea of QuickScorer (Lucchese et al., 2015, SIGIR).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Leaves = NDArray[np.intp]

LEAF = -1
MAX_DEPTH, MAX_NODES = 16, 2_000
"""Deeper trees have longer codes than two bytes; in trees with more nodes a walk costs less."""
BYTE = 8


@dataclass(frozen=True)
class BitTree:
    """A tree by levels: the comparison of each inner node, and which of all left and then all right children are inner.

    A leaf has a code: bit d is set where its path goes right at level d. `leaves` are nodes by code.
    """

    levels: tuple[tuple[Leaves, Leaves], ...]
    leaves: Leaves


class LeafFinder:
    """The trees of a forest, whose comparisons are numbered by feature and threshold."""

    def __init__(self, trees: Sequence[Any]) -> None:
        inner = [tree.children_left != LEAF for tree in trees]
        features = np.concatenate([tree.feature[is_inner] for tree, is_inner in zip(trees, inner, strict=True)])
        cuts = np.concatenate([tree.threshold[is_inner] for tree, is_inner in zip(trees, inner, strict=True)])
        self._cuts = [np.unique(cuts[features == each]) for each in range(trees[0].n_features)]
        self._starts = np.cumsum([0, *(len(each) + 1 for each in self._cuts)])
        self._trees = [self._bit_tree(tree) for tree in trees]
        self._widest = max((len(ids) for tree in self._trees for ids, _ in tree.levels), default=0)

    @staticmethod
    def is_faster(trees: Sequence[Any]) -> bool:
        """Whether finding leaves by bits costs less than walking the trees."""
        nodes, depth = sum(tree.node_count for tree in trees), max(tree.max_depth for tree in trees)
        return bool(depth <= MAX_DEPTH and nodes <= MAX_NODES * len(trees))

    def leaves(self, rows: NDArray[np.float32]) -> Iterator[Leaves]:
        """Yield the nodes at which the rows end, tree by tree. Rows have no missing values."""
        comparisons = self._compare(rows)
        words = comparisons.shape[1]
        buffers = [np.empty((size * self._widest, words), np.uint64) for size in (1, 2, 1)]
        for tree in self._trees:
            codes = _read_codes(_walk(tree, comparisons, buffers))
            yield tree.leaves.take(codes[: len(rows)])

    def _compare(self, rows: NDArray[np.float32]) -> Words:
        """Return whether each row is at most each threshold: comparisons × words, of which a row is one bit.

        A row is at most a threshold if it is at most the one before: its bit is set at the first, and passed on.
        """
        numbers = np.arange(len(rows))
        found = np.zeros((int(self._starts[-1]), -(-len(rows) // 64)), np.uint64)
        word, bit = numbers >> 6, np.uint64(1) << (numbers & 63).astype(np.uint64)
        for feature, cuts in enumerate(self._cuts):
            first = self._starts[feature] + np.searchsorted(cuts, rows[:, feature].astype(float), "left")
            np.bitwise_or.at(found.reshape(-1), first * found.shape[1] + word, bit)
            part = found[self._starts[feature] : self._starts[feature + 1]]
            np.bitwise_or.accumulate(part, axis=0, out=part)
        return found

    def _bit_tree(self, tree: Any) -> BitTree:
        left, right, ids = tree.children_left, tree.children_right, self._comparison_ids(tree)
        nodes, codes = np.flatnonzero(left[:1] != LEAF), np.zeros(1, np.intp)
        levels: list[tuple[Leaves, Leaves]] = []
        leaves = np.zeros(1 << tree.max_depth, np.intp)
        while len(nodes):
            children = np.concatenate([left[nodes], right[nodes]])
            codes = np.concatenate([codes, codes | (1 << len(levels))])
            is_inner = left[children] != LEAF
            leaves[codes[~is_inner]] = children[~is_inner]
            levels.append((ids[nodes], np.flatnonzero(is_inner)))
            nodes, codes = children[is_inner], codes[is_inner]
        return BitTree(tuple(levels), leaves)

    def _comparison_ids(self, tree: Any) -> Leaves:
        """Return the number of each node's comparison."""
        ids = np.zeros(tree.node_count, np.intp)
        for feature, cuts in enumerate(self._cuts):
            chosen = (tree.feature == feature) & (tree.children_left != LEAF)
            ids[chosen] = self._starts[feature] + np.searchsorted(cuts, tree.threshold[chosen])
        return ids


def _walk(tree: BitTree, comparisons: Words, buffers: Sequence[Words]) -> Words:
    """Return the bits of the codes: levels × words, where a row's bit is set if its path goes right."""
    compared, children, reached = buffers
    went_right = np.zeros((max(len(tree.levels), 1), comparisons.shape[1]), np.uint64)
    everything = np.full((1, comparisons.shape[1]), ~np.uint64(0))
    for level, (ids, inner) in enumerate(tree.levels):
        count = len(ids)
        nodes = reached[:count] if level else everything
        is_less = np.take(comparisons, ids, axis=0, out=compared[:count], mode="clip")  # all are in the matrix
        left, right = children[:count], children[count : 2 * count]
        np.bitwise_and(nodes, is_less, out=left)
        np.bitwise_xor(nodes, left, out=right)
        np.bitwise_or.reduce(right, axis=0, out=went_right[level])
        np.take(children, inner, axis=0, out=reached[: len(inner)], mode="clip")
    return went_right


def _read_codes(levels: Words) -> NDArray[np.uint16]:
    """Return the code of each row from the bits of its levels."""
    bits = np.unpackbits(levels.view(np.uint8), axis=1, bitorder="little")
    codes = np.zeros(bits.shape[1], np.uint16)
    for start in range(0, len(bits), BYTE):
        byte = bits[start].copy()
        for place, bit in enumerate(bits[start + 1 : start + BYTE], 1):
            byte |= bit << np.uint8(place)
        codes |= byte.astype(np.uint16) << np.uint16(start)
    return codes

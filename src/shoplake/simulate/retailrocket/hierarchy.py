"""The tree of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from shoplake.simulate.rng import chance_of

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints

HEADER = "categoryid,parentid\n"
MOST = 1_669
BELOW_A_ROOT = 60
"""Categories for each root, about."""


class Tree(NamedTuple):
    """Categories by number from 0: what they are called, the number of the parent (-1: none) and the depth."""

    ids: Ints
    parent: Ints
    depth: Ints

    def lines(self) -> pa.StringArray:
        """The lines of the file, in no order."""
        names = [str(each) for each in self.ids.tolist()]
        above = [names[parent] if parent >= 0 else "" for parent in self.parent.tolist()]
        return pa.array(sorted(f"{name},{parent}\n" for name, parent in zip(names, above, strict=True)))


def grown(seed: int, items: int) -> Tree:
    """A tree of at most as many categories as the real one has, fewer for few items."""
    count = int(np.clip(items // 4, 3, MOST))
    chance, roots = chance_of(seed, "tree"), count // BELOW_A_ROOT + 1
    parent = (chance.random(count) * np.arange(count)).astype(np.int64)
    parent[:roots] = -1
    depth = np.zeros(count, dtype=np.int64)
    for number in range(roots, count):
        depth[number] = depth[parent[number]] + 1
    return Tree(chance.permutation(count).astype(np.int64) + 1, parent, depth)

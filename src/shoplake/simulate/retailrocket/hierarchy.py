"""The category tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from shoplake.simulate.rng import rng_for

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints

HEADER = "categoryid,parentid\n"
MAX_CATEGORIES = 1_669
CATEGORIES_PER_ROOT = 60
"""Approximate number of categories per root."""


class CategoryTree(NamedTuple):
    """Categories by number from 0: id, number of the parent (-1: none) and depth."""

    ids: Ints
    parent: Ints
    depth: Ints

    def lines(self) -> pa.StringArray:
        """Format the lines of the file in no particular order."""
        names = [str(each) for each in self.ids.tolist()]
        above = [names[parent] if parent >= 0 else "" for parent in self.parent.tolist()]
        return pa.array(sorted(f"{name},{parent}\n" for name, parent in zip(names, above, strict=True)))


def generate_tree(seed: int, items: int) -> CategoryTree:
    """Generate a tree of at most `MAX_CATEGORIES` categories, fewer for few items."""
    count = int(np.clip(items // 4, 3, MAX_CATEGORIES))
    rng, roots = rng_for(seed, "tree"), count // CATEGORIES_PER_ROOT + 1
    parent = (rng.random(count) * np.arange(count)).astype(np.int64)
    parent[:roots] = -1
    depth = np.zeros(count, dtype=np.int64)
    for number in range(roots, count):
        depth[number] = depth[parent[number]] + 1
    return CategoryTree(rng.permutation(count).astype(np.int64) + 1, parent, depth)

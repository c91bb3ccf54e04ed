"""Resolves a parent-child hierarchy of any depth; circles and orphans are reported, not fatal.

Plain Python, because a query cannot bound the depth of a tree; it runs inside the engine, one tree at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

CIRCLE, ORPHAN, SEVERAL = "circle", "orphan", "several_parents"
POSITION_SCHEMA = "feed string, node string, parent string, root string, depth int, path string, problem string"


class TreePosition(NamedTuple):
    """Position of a node: its root, depth and path from the root, and its problem if there is one."""

    root: str | None
    depth: int | None
    path: str | None
    problem: str | None = None


NO_POSITION = TreePosition(None, None, None, CIRCLE)
"""Position of a node whose ancestors form a circle."""


def resolve_hierarchy(rows: pd.DataFrame) -> pd.DataFrame:
    """Resolve rows `feed, arrived, node, parent` of a feed to rows of `POSITION_SCHEMA`; drops rows without a node."""
    rows = rows[rows["node"].notna()]
    parents_or_none = [parent if isinstance(parent, str) else None for parent in rows["parent"]]
    parents, ambiguous = pick_parents(zip(rows["arrived"], rows["node"], parents_or_none, strict=True))
    positions = [
        (
            rows["feed"].iloc[0],
            node,
            parents[node],
            *position[:3],
            position.problem or (SEVERAL if node in ambiguous else None),
        )
        for node, position in tree_positions(parents).items()
    ]
    frame = type(rows)(positions, columns=[name.split()[0] for name in POSITION_SCHEMA.split(", ")])
    return frame.astype({"depth": "Int32"})


def pick_parents(pairs: Iterable[tuple[str, str, str | None]]) -> tuple[dict[str, str | None], set[str]]:
    """Return each node's parent, and the nodes with several parents in one file.

    `pairs` are `(arrived, node, parent)`, where `arrived` is a text by which files are in order of arrival. The
    file that arrived last wins, and in one file the greatest parent, so that the order of pairs does not matter.
    """
    by_node: dict[str, tuple[str, set[str | None]]] = {}
    for arrived, node, parent in pairs:
        last, parents = by_node.get(node, ("", set()))
        if arrived > last:
            by_node[node] = (arrived, {parent})
        elif arrived == last:
            parents.add(parent)
    greatest = {node: max(parents, key=lambda parent: parent or "") for node, (_, parents) in by_node.items()}
    return greatest, {node for node, (_, parents) in by_node.items() if len(parents) > 1}


def tree_positions(parents: Mapping[str, str | None]) -> dict[str, TreePosition]:
    """Return the position of each node. A node without its parent is an orphan, and the root of its descendants."""
    positions: dict[str, TreePosition] = {}
    for start in parents:
        ancestors: dict[str, None] = {}
        node: str | None = start
        while node is not None and node in parents and node not in positions and node not in ancestors:
            ancestors[node] = None
            node = parents[node]
        above = NO_POSITION if node in ancestors else positions.get(node) if node is not None else None
        for below in reversed(ancestors):
            above = positions[below] = _child_position(above, below, parents[below])
    return positions


def _child_position(above: TreePosition | None, node: str, parent: str | None) -> TreePosition:
    if above is None:
        return TreePosition(node, 0, node, None if parent is None else ORPHAN)
    if above.depth is None:
        return NO_POSITION
    return TreePosition(above.root, above.depth + 1, f"{above.path}/{node}")

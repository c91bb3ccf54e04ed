"""A tree told by pairs of child and parent, of any depth; what is wrong with it is said, not fatal.

Plain Python, because a walk up a tree has no end that a query could know: it runs inside the engine, a tree at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

CIRCLE, ORPHAN, SEVERAL = "circle", "orphan", "several_parents"
POSITION_SCHEMA = "feed string, node string, parent string, root string, depth int, path string, problem string"


class TreePosition(NamedTuple):
    """Where a node stands: below which root, how far below it, by which nodes, and what is wrong with that."""

    root: str | None
    depth: int | None
    path: str | None
    problem: str | None = None


NO_POSITION = TreePosition(None, None, None, CIRCLE)
"""Where a node stands from which the way up goes in a circle."""


def resolve_hierarchy(rows: pd.DataFrame) -> pd.DataFrame:
    """The nodes of one feed as rows of `PLACES`, from its rows `feed, file, node, parent`; no node, no row."""
    rows = rows[rows["node"].notna()]
    said = [parent if isinstance(parent, str) else None for parent in rows["parent"]]
    parents, several = pick_parents(zip(rows["file"], rows["node"], said, strict=True))
    found = [
        (rows["feed"].iloc[0], node, parents[node], *place[:3], place.problem or (SEVERAL if node in several else None))
        for node, place in tree_positions(parents).items()
    ]
    made = type(rows)(found, columns=[name.split()[0] for name in POSITION_SCHEMA.split(", ")])
    return made.astype({"depth": "Int32"})


def pick_parents(told: Iterable[tuple[str, str, str | None]]) -> tuple[dict[str, str | None], set[str]]:
    """Each node's parent, and the nodes that have several in one file.

    The file whose name sorts last counts, and in one file the greatest parent, so that the order does not matter.
    """
    by_node: dict[str, tuple[str, set[str | None]]] = {}
    for file, node, parent in told:
        last, parents = by_node.get(node, ("", set()))
        if file > last:
            by_node[node] = (file, {parent})
        elif file == last:
            parents.add(parent)
    greatest = {node: max(parents, key=lambda parent: parent or "") for node, (_, parents) in by_node.items()}
    return greatest, {node for node, (_, parents) in by_node.items() if len(parents) > 1}


def tree_positions(parents: Mapping[str, str | None]) -> dict[str, TreePosition]:
    """Where each node stands. One whose parent is not there is an orphan, and the root of what is below it."""
    found: dict[str, TreePosition] = {}
    for start in parents:
        way: dict[str, None] = {}
        node: str | None = start
        while node is not None and node in parents and node not in found and node not in way:
            way[node] = None
            node = parents[node]
        above = NO_POSITION if node in way else found.get(node) if node is not None else None
        for below in reversed(way):
            above = found[below] = _below(above, below, parents[below])
    return found


def _below(above: TreePosition | None, node: str, parent: str | None) -> TreePosition:
    if above is None:
        return TreePosition(node, 0, node, None if parent is None else ORPHAN)
    if above.depth is None:
        return NO_POSITION
    return TreePosition(above.root, above.depth + 1, f"{above.path}/{node}")

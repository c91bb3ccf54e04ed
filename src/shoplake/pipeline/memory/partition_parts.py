"""Rows of a table in parts: which are, and the partitions whose input rows fit into memory."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from shoplake.engine import AllRows, FullRefresh, Partitions, date_range_columns
from shoplake.pipeline.memory.chunking import BYTES_PER_ROW_BY_PARTITION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Table
    from shoplake.engine import Action, ChangeReader


def is_divided(action: Action, table: Table[...], parts: int) -> bool:
    """Whether the rows of an action are computed in the parts of a full refresh.

    Those of a table all of which are computed to be compared are in `parts`, once it has lacked memory.
    """
    is_compared = table.write.compare_partitions and table.quarantine is None
    return isinstance(action, FullRefresh) or (action == AllRows() and is_compared and parts > 1)


def partition_parts(
    engine: ChangeReader,
    catalog: Mapping[str, Table[...]],
    table: Table[...],
    action: Partitions,
    memory: int | None,
    least: int = 1,
) -> list[Partitions]:
    """Return the partitions of an action in parts, each made of input rows that fit into `memory` bytes.

    One part without a limit, but at least `least`, as far as there are partitions. Inputs that are read whole count for
    nothing: each part reads them.
    """
    count, values = least, sorted(action.values)
    if memory is not None and len(values) > 1:
        rows = max((_rows(engine, table, catalog[name], action) for name in table.inputs), default=0)
        count = max(least, ceil(rows * (table.write.bytes_per_row or BYTES_PER_ROW_BY_PARTITION) / memory))
    size = max(1, ceil(len(values) / count))
    return [Partitions(frozenset(values[at : at + size])) for at in range(0, len(values), size)]


def _rows(engine: ChangeReader, table: Table[...], upstream: Table[...], action: Partitions) -> int:
    """Return about how many rows of an input the partitions of an action need, were all its days alike."""
    if date_range_columns(table, upstream) is None:
        return 0
    return ceil(engine.row_count(upstream) * day_share(engine, table, upstream, action))


def day_share(engine: ChangeReader, table: Table[...], upstream: Table[...], action: Partitions) -> float:
    """Return the share of an input's days that an action needs; 1 of one that is not divided."""
    days = engine.partitions(upstream, upstream.partition_by[0]) if upstream.partition_by else ()
    return min(1.0, len(table.write.days_of(action.values)) / max(1, len(days)))

"""What a table is built of: some days of what it reads, or all of it in parts that fit into the memory."""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import SessionWindow
from shoplake.engine import total_memory
from shoplake.pipeline.planner import date_range_columns, partitions_since, shared_partition
from shoplake.pipeline.scheduler import MAX_PARALLEL_TABLES

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DeltaEngine

BYTES_PER_ROW = 600
"""Of memory for each row of the largest table read: two tables of so many at once do not spill. As measured, with those
below, on 24 M events."""
BYTES_PER_ROW_BY_VISITOR = 400
"""The same for a part by visitors: each part reads all rows again, which costs more than sorting some on the disk."""
BYTES_PER_ROW_BY_DAY = 1200
"""The same for a part by days, which reads no row twice: its hash tables do not spill, which took thrice the time."""


def pruned_inputs(
    engine: DeltaEngine,
    catalog: Catalog,
    table: Table[...],
    days: Collection[str] | None,
    since: int | None = None,
) -> dict[str, DataFrame]:
    """The tables it reads of which only the rows of those days are needed; none for all days.

    With `since`, of the table that each row is made of only the rows that came after that version.
    """
    if since is not None and table.one_to_one_with is not None:
        upstream = catalog[table.one_to_one_with]
        return {upstream.name: engine.added_rows(upstream, since)}
    found = {}
    for name in table.inputs if days is not None else ():
        upstream = catalog[name]
        if (columns := date_range_columns(table, upstream)) is None:
            continue
        first, last = columns
        chosen = [F.lit(day).cast("date") for day in sorted(days or ())]
        is_needed = F.col(first).isin(chosen)
        if first != last:
            is_needed = (F.col(first) <= chosen[-1]) & (F.col(last) >= chosen[0])
        found[name] = engine.read(upstream).where(is_needed)
    return found


def memory_chunks(
    engine: DeltaEngine, catalog: Catalog, table: Table[...], memory: int | None
) -> list[dict[str, DataFrame]]:
    """What all of the table is built of, part by part: the rows of some visitors, or of some days.

    One part, with nothing said, where all fits into the memory or where the table cannot be parted.
    """
    largest = max((engine.row_count(catalog[name]) for name in table.inputs), default=0)
    a_row = BYTES_PER_ROW_BY_VISITOR if isinstance(table.write, SessionWindow) else BYTES_PER_ROW_BY_DAY
    count = ceil(largest * a_row / memory) if memory else 1
    if count > 1 and isinstance(table.write, SessionWindow):
        upstream, of = catalog[table.incremental[0]], F.xxhash64("feed", table.write.key)
        return [{upstream.name: engine.read(upstream).where(F.pmod(of, F.lit(count)) == at)} for at in range(count)]
    if count > 1 and (days := _days(engine, catalog, table)):
        size = ceil(len(days) / count)
        groups = [days[at : at + size] for at in range(0, len(days), size)]
        return [pruned_inputs(engine, catalog, table, group) for group in groups]
    return [{}]


def max_parallel(engine: DeltaEngine, catalog: Catalog, memory: int | None) -> int:
    """How many tables may be in work at once: two where the engine works for us alone and has the memory for both.

    Where none is set, that is half of the machine's.
    """
    largest = max(engine.row_count(table) for table in catalog.ordered)
    fits = 2 * largest * BYTES_PER_ROW <= (memory or total_memory() // 2)
    return MAX_PARALLEL_TABLES if engine.capabilities.is_in_process and fits else 1


def _days(engine: DeltaEngine, catalog: Catalog, table: Table[...]) -> list[str]:
    """The days of a table that are each made of the same day's partitions of all that it reads; none if it is not."""
    is_parted = all(shared_partition(table, catalog[name]) is not None for name in table.inputs)
    return sorted(partitions_since(engine, catalog, table, date.min)) if is_parted else []

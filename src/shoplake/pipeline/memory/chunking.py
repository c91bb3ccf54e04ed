"""Chunks of inputs that fit into memory: partitions, or the rows of some keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

from pyspark.sql import functions as F

from shoplake.declare import Replace
from shoplake.engine import (
    FullRefresh,
    Partitions,
    date_range_columns,
    days_since,
    is_list_of_days,
    query_memory,
    shared_partition,
    total_memory,
)
from shoplake.pipeline.scheduler import MAX_PARALLEL_TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import RebuildKeys, Table
    from shoplake.engine import ChangeReader, PipelineEngine

BYTES_PER_ROW = 600
"""Of memory for each row of the largest input: two tables of so many rows at once do not spill. As measured, with those
below, on 24 M events."""
BYTES_PER_ROW_BY_KEY = 400
"""The same for a chunk of keys: each chunk reads all rows again, which costs more than spilling some of the sort."""
BYTES_PER_ROW_BY_PARTITION = 1200
"""The same for a chunk of partitions, which reads no row twice: its hash tables do not spill, which took thrice the
time."""
BYTES_PER_RECORD = 200
"""Of a file; a low guess, so that an estimate errs on the side of too many records."""
SMALL_TABLE_ROWS = 1_000_000
"""Up to which three tables at once take a tenth less time than two, and no more CPU; larger builds take as long."""


@dataclass(frozen=True)
class KeyBucket:
    """The rows of the incremental input whose key hashes to one of `count` buckets."""

    key: str
    number: int
    count: int


@dataclass(frozen=True)
class RowBucket:
    """The rows of the table whose column `by`, which is never null, hashes to one of `count` buckets."""

    by: str
    number: int
    count: int

    def choose(self, rows: DataFrame) -> DataFrame:
        """Return those of the table's rows that are in the bucket.

        The condition is null where the column is: the embedded engine infers conditions on all inputs from such alone.
        """
        number = F.when(F.col(self.by).isNotNull(), F.lit(self.number))
        return rows.where(_bucket(self.count, self.by) == number)


@dataclass(frozen=True)
class RebuildBucket:
    """The rows of the keys, by which a table is rebuilt, that hash to one of `count` buckets."""

    keys: RebuildKeys
    number: int
    count: int

    def choose(self, rows: DataFrame, columns: Sequence[str]) -> DataFrame:
        """Return those of some rows whose key, in `columns`, is in the bucket."""
        return rows.where(_bucket(self.count, *columns) == self.number)


def _bucket(count: int, *columns: str) -> Column:
    """Return the number of the bucket, of `count`, that the values of some columns hash to."""
    return F.pmod(F.xxhash64(*columns), F.lit(count))


Chunk: TypeAlias = FullRefresh | Partitions | KeyBucket | RowBucket | RebuildBucket


def pruned_inputs(
    engine: ChangeReader,
    catalog: Mapping[str, Table[...]],
    table: Table[...],
    chunk: Chunk,
    copied: Collection[str] = (),
) -> dict[str, DataFrame]:
    """Return the inputs of which a chunk needs only some rows; the others are read whole.

    Those in `copied` are read from the copies that are kept of them.
    """
    if isinstance(chunk, KeyBucket):
        upstream = catalog[table.incremental[0]]
        return {upstream.name: engine.read(upstream).where(_bucket(chunk.count, "feed", chunk.key) == chunk.number)}
    if isinstance(chunk, RebuildBucket):
        return {name: chunk.choose(engine.read(catalog[name]), key) for name, key in chunk.keys.inputs.items()}
    if isinstance(chunk, FullRefresh | RowBucket):
        return {}
    inputs = {}
    days = [F.lit(day).cast("date") for day in table.write.days_of(chunk.values)]
    for name in table.inputs:
        if (columns := date_range_columns(table, catalog[name])) is None:
            continue
        first, last = columns
        is_needed = F.col(first).isin(days)
        if is_list_of_days(catalog[name], first):
            is_needed = F.arrays_overlap(first, F.array(*days))
        elif first != last:
            is_needed = (F.col(first) <= days[-1]) & (F.col(last).isNull() | (F.col(last) >= days[0]))
        read = engine.read_sooner if name in copied else engine.read
        inputs[name] = read(catalog[name]).where(is_needed)
    return inputs


def choose_rows(rows: DataFrame, table: Table[...], chunk: Chunk) -> DataFrame:
    """Return those of the rows that were made of a chunk's inputs that belong to it.

    An input row that matters to two months makes rows of both, in the chunk of each.
    """
    if isinstance(chunk, RowBucket):
        return chunk.choose(rows)
    if isinstance(chunk, RebuildBucket):
        return chunk.choose(rows, chunk.keys.columns)
    if isinstance(chunk, Partitions) and table.partition_column is not None:
        return rows.where(F.col(table.partition_column).cast("string").isin(sorted(chunk.values)))
    return rows


def memory_chunks(
    engine: ChangeReader,
    catalog: Mapping[str, Table[...]],
    table: Table[...],
    memory: int | None,
    least: int = 1,
) -> list[Chunk]:
    """Return the chunks of a full refresh, each of which fits into `memory` bytes (None: unlimited).

    One chunk of everything where all fits, or where the table cannot be split; else at least `least`. A table that
    declares how it is split may have half of what queries may use, or a quarter of the machine's memory without a
    limit, as another table may be built beside it. Aggregates that have less spill, which costs more than to read the
    input again. The keys by which a table is rebuilt split it only where it lacked memory.
    """
    write = table.write
    if (split := write.split) is not None and engine.capabilities.is_in_process:
        rows = most_rows(engine, catalog, split.of or table.inputs)
        count = ceil(rows * split.bytes_per_row / (query_memory(memory) // 2 if memory else total_memory() // 4))
        count = max(count, least)
        return [RowBucket(split.by, number, count) for number in range(count)] if count > 1 else [FullRefresh()]
    largest = most_rows(engine, catalog, table.inputs)
    key = write.independent_key
    bytes_per_row = BYTES_PER_ROW_BY_KEY if key is not None else write.bytes_per_row or BYTES_PER_ROW_BY_PARTITION
    count = max(ceil(largest * bytes_per_row / memory) if memory else 1, least)
    if count > 1 and key is not None:
        return [KeyBucket(key, number, count) for number in range(count)]
    if count > 1 and (days := _own_partitions(engine, catalog, table)):
        size = ceil(len(days) / count)
        return [Partitions(frozenset(days[at : at + size])) for at in range(0, len(days), size)]
    if (
        least > 1
        and isinstance(write, Replace)
        and (keys := write.rebuild_keys)
        and _has_same_types(catalog, table, keys)
    ):
        return [RebuildBucket(keys, number, least) for number in range(least)]
    return [FullRefresh()]


def _has_same_types(catalog: Mapping[str, Table[...]], table: Table[...], keys: RebuildKeys) -> bool:
    """Whether the keys by which a table is rebuilt have one type in its inputs: else they hash differently."""
    types = {tuple(_types(catalog[name], columns)) for name, columns in keys.inputs.items()}
    return types == {tuple(_types(table, keys.columns))}


def _types(table: Table[...], columns: Sequence[str]) -> list[str]:
    of = {each.name: each.type for each in table.columns}
    return [of[name] for name in columns]


def most_rows(engine: ChangeReader, catalog: Mapping[str, Table[...]], names: Iterable[str]) -> int:
    """Return the rows of the largest of some tables."""
    return max((engine.row_count(catalog[name]) for name in names), default=0)


def max_parallel(engine: PipelineEngine, rows: int, memory: int | None) -> int:
    """How many tables may be built at the same time, where the engine in this process has the memory for all of them.

    Two, and one more where tables are small. `rows` are those of the largest. Without a limit, the memory is half of
    the machine's. Spark divides its own memory among queries.
    """
    if not engine.capabilities.is_in_process:
        return MAX_PARALLEL_TABLES
    most = MAX_PARALLEL_TABLES + (rows <= SMALL_TABLE_ROWS)
    return max(1, min(most, (memory or total_memory() // 2) // max(1, rows * BYTES_PER_ROW)))


def estimated_rows(size: int) -> int:
    """Return about how many records there are in files of so many bytes."""
    return ceil(size / BYTES_PER_RECORD)


def max_rows(engine: PipelineEngine, catalog: Mapping[str, Table[...]]) -> int:
    """Return the rows of the largest table."""
    return max(engine.row_count(table) for table in catalog.values())


def _own_partitions(engine: ChangeReader, catalog: Mapping[str, Table[...]], table: Table[...]) -> list[str]:
    """Return the partitions of a table each of which is made of the same partition or of some rows of every input.

    None if one is not, or where an input has rows without a day: those are in no chunk of days.
    """
    inputs = [catalog[name] for name in table.inputs]
    if not all(_is_split(table, each) for each in inputs) or any(_has_undated(engine, table, each) for each in inputs):
        return []
    days = days_since(engine, catalog, table, date.min)
    for name in table.inputs:
        first, last = date_range_columns(table, catalog[name]) or ("", "")
        if first != last and first in catalog[name].partition_by:
            days |= engine.partitions(catalog[name], first)
    return sorted(set(map(table.write.partition_of, days)))


def _has_undated(engine: ChangeReader, table: Table[...], upstream: Table[...]) -> bool:
    """Whether an input has rows in the partition of null, of those that hold the partitions of a table."""
    column = shared_partition(table, upstream)
    return column is not None and engine.read(upstream).where(F.col(column).isNull()).limit(1).count() > 0


def _is_split(table: Table[...], upstream: Table[...]) -> bool:
    """Whether each partition of a table needs one partition of an input, or the rows whose span it lies in."""
    columns = date_range_columns(table, upstream)
    is_span = columns is not None and columns[0] != columns[1]
    return is_span or shared_partition(table, upstream) is not None

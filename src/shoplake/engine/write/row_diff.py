"""The rows in which two versions of a table differ, from the files added and removed in between.

Not by time travel: Sail 0.7.2 cannot read a version that is older than the last checkpoint.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.engine.storage.catalog.catalog_log import ChangeFeed
from shoplake.engine.write.schema.map_columns import decode_maps, encode_maps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from pyspark.sql import Column, DataFrame, SparkSession

    from shoplake.declare import Column as TableColumn
    from shoplake.declare import Table
    from shoplake.engine.storage.commit_diff import CommitDiff, Partition

MAX_PARTITIONS_PER_QUERY = 32
"""Partitions compared in one query; each costs two scans, and a union of hundreds of them exhausts the engine."""

MANY_PARTITIONS = 2 * MAX_PARTITIONS_PER_QUERY
"""Changed partitions above which it may take longer to find what differs in them than to take all of it for changed."""


def changed_rows(
    session: SparkSession,
    table: Table[...],
    changes: CommitDiff,
    only: Sequence[str] | None = None,
    partitions_per_query: int = MAX_PARTITIONS_PER_QUERY,
) -> Iterator[DataFrame]:
    """Yield the rows, each once, whose number changed, for `partitions_per_query` partitions at a time.

    With `only`, some columns of them: rows are then compared by a hash of all columns, which is a quarter of the work.
    Where files were only added, or only removed, each of their rows changed: then no other column is read, and all
    partitions at once where none of their columns is asked for. Else rows are compared with their partition, because
    one that is in another partition now, and otherwise as it was, has changed: its day is another in another time zone.
    """
    if isinstance(changes, ChangeFeed):
        yield from _changed_by_feed(table, changes, only)
        return
    parts = {name for partition in changes.partitions for name, _ in partition}
    is_one_sided = not (changes.added and changes.removed)
    if is_one_sided and changes.files and only is not None and not parts & {*only}:
        yield _read_columns(session, table, changes, only)
        return
    for first in range(0, len(changes.partitions), partitions_per_query):
        chosen = changes.partitions[first : first + partitions_per_query]
        sides = [
            _read(session, table, [file for file, of in files if of == partition], partition).withColumn("_sign", sign)
            for partition in chosen
            for files, sign in ((changes.added, F.lit(1)), (changes.removed, F.lit(-1)))
            if any(of == partition for _, of in files)
        ]
        rows = reduce(lambda one, other: one.unionAll(other), sides)
        yield rows.select(*only) if is_one_sided and only is not None else _differing(table, rows, only)


def _changed_by_feed(table: Table[...], changes: ChangeFeed, only: Sequence[str] | None) -> Iterator[DataFrame]:
    """Yield the rows whose number changed, by the changes that the catalog recorded."""
    if changes.files:
        yield _differing(table, changes.signed_rows(), only)


def _differing(table: Table[...], sides: DataFrame, only: Sequence[str] | None) -> DataFrame:
    """Return the rows, each once, whose signs do not cancel out; with `only`, some columns of them."""
    names = [column.name for column in table.columns]
    signed = encode_maps(sides.select(*names, "_sign"), table.columns)
    rows = signed if only is None else signed.select(_hash(names).alias("_hash"), *only, "_sign")
    uneven = _uneven(rows, names if only is None else ("_hash", *only)).select(*(only or names))
    return decode_maps(uneven, [column for column in table.columns if column.name in (only or names)])


def _read_columns(session: SparkSession, table: Table[...], changes: CommitDiff, only: Sequence[str]) -> DataFrame:
    """Return stored columns of the rows of all files."""
    schema = ", ".join(f"{each.name} {each.type}" for each in table.columns if each.name in only)
    return session.read.schema(schema).parquet(*changes.files).select(*only)


def differing_values(
    one: DataFrame, other: DataFrame, columns: Sequence[TableColumn], value: Column | None = None
) -> list[Any]:
    """Return a value of the rows that are more often in one than in the other, each once; 1 without a `value`.

    Rows are compared by a hash of their `columns`, but for arrays and structs, whose hashes ignore where nulls are.
    """
    names = [column.name for column in columns]
    nested = [column.name for column in columns if column.type.startswith(("array<", "struct<"))]
    cells = [_hash([name for name in names if name not in nested]).alias("_hash"), *map(F.col, nested)]
    cells.append((F.lit(1) if value is None else value).alias("_value"))
    before, after = (encode_maps(rows.select(*names), columns).select(*cells) for rows in (one, other))
    signed = before.withColumn("_sign", F.lit(-1)).unionAll(after.withColumn("_sign", F.lit(1)))
    differing = _uneven(signed, ("_hash", *nested, "_value"))
    return [row[0] for row in differing.select("_value").distinct().collect()]


def differing_partitions(one: DataFrame, other: DataFrame, columns: Sequence[TableColumn], partition: str) -> list[Any]:
    """Return the partitions that have a differing row, as texts; None for a partition of null."""
    return differing_values(one, other, columns, F.col(partition).cast("string"))


def _uneven(signed: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return the rows, each once, whose signs do not cancel out."""
    return signed.groupBy(*names).agg(F.sum("_sign").alias("_sign")).where("_sign <> 0").select(*names)


def _hash(names: Sequence[str]) -> Column:
    """Return a hash of a row that includes which columns are null."""
    return F.xxhash64(*names, *[F.col(name).isNull() for name in names])


def added_rows(session: SparkSession, table: Table[...], changes: CommitDiff) -> DataFrame:
    """Return the rows of all added files."""
    if isinstance(changes, ChangeFeed):
        return changes.signed_rows().where("_sign = 1").select(*[column.name for column in table.columns])
    of = {partition: [file for file, its in changes.added if its == partition] for _, partition in changes.added}
    parts = [_read(session, table, files, partition) for partition, files in of.items()]
    return reduce(lambda one, other: one.unionAll(other), parts)


def stored_rows(session: SparkSession, table: Table[...], changes: CommitDiff) -> DataFrame:
    """Return the rows that changes added or removed, and maybe some that did not change, without partition columns."""
    stored = [each for each in table.columns if each.name not in table.partition_by]
    if isinstance(changes, ChangeFeed):
        return changes.signed_rows().select(*[each.name for each in stored])
    schema = ", ".join(f"{each.name} {each.type}" for each in stored)
    return session.read.schema(schema).parquet(*changes.files)


def _each(value: str | None, type: str, of: str) -> Column:
    """Return the value as a column: Sail takes a union of constants for one constant, and to be in its order."""
    constant = F.lit(value).cast(type)
    return F.when(F.col(of).isNull(), constant).otherwise(constant)


def _read(session: SparkSession, table: Table[...], files: list[str], partition: Partition) -> DataFrame:
    """Read files of one partition, whose values are only in their paths."""
    values = dict(partition)
    stored = ", ".join(f"{each.name} {each.type}" for each in table.columns if each.name not in values)
    of = next(each.name for each in table.columns if each.name not in values)
    constants = {each.name: _each(values[each.name], each.type, of) for each in table.columns if each.name in values}
    rows = session.read.schema(stored).parquet(*files)
    return rows.select(*[constants.get(each.name, F.col(each.name)).alias(each.name) for each in table.columns])


def first_changed_at(differing: DataFrame) -> datetime | None:
    """Return the first moment at which added and removed versions differ; None if there are none.

    Of a version that only ends at another time, this is the earlier of the two ends.
    """
    facts = [name for name in differing.columns if name not in ("valid_to", "is_current", "valid_to_month")]
    both = differing.groupBy(*facts).agg(F.count("*").alias("times"), F.min("valid_to").alias("ended"))
    differs = F.when(F.col("times") > 1, F.col("ended")).otherwise(F.col("valid_from"))
    first: datetime | None = both.agg(F.min(differs)).collect()[0][0]
    return first

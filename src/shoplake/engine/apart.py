"""The rows in which two versions of a table differ, from the files that came and went in between.

Not by time travel: Sail 0.7.2 cannot read a version that is older than the last checkpoint.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.changes import Changes, Partition

AT_ONCE = 32
"""Partitions that are compared in one query; each costs two scans, and a union of hundreds of them ends the engine."""


def apart(session: SparkSession, table: Table[...], changes: Changes) -> Iterator[DataFrame]:
    """The rows, each once, that are there more or less often than they were, some partitions at a time."""
    for first in range(0, len(changes.partitions), AT_ONCE):
        chosen = changes.partitions[first : first + AT_ONCE]
        sides = [
            _read(session, table, [file for file, of in files if of == partition], partition).withColumn("_sign", sign)
            for partition in chosen
            for files, sign in ((changes.came, F.lit(1)), (changes.went, F.lit(-1)))
            if any(of == partition for _, of in files)
        ]
        signed = reduce(lambda one, other: one.unionAll(other), sides)
        names = [column.name for column in table.columns]
        counted = signed.groupBy(*names).agg(F.sum("_sign").alias("_sign"))
        yield counted.where("_sign <> 0").select(*names)


def _read(session: SparkSession, table: Table[...], files: list[str], partition: Partition) -> DataFrame:
    """The rows of files of one partition, whose values are in their paths alone."""
    values = dict(partition)
    stored = ", ".join(f"{each.name} {each.type}" for each in table.columns if each.name not in values)
    given = {each.name: F.lit(values[each.name]).cast(each.type) for each in table.columns if each.name in values}
    rows = session.read.schema(stored).parquet(*files)
    return rows.select(*[given.get(each.name, F.col(each.name)).alias(each.name) for each in table.columns])

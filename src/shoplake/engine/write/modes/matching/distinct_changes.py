"""The distinct changes of a history, in the order in which they arrived where they have no time of their own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, cast

from pyspark.sql import functions as F

from shoplake.columns.record_place import arrival_of_undated, arrival_order, file_and_line
from shoplake.declare import CHANGELOG_COLUMNS
from shoplake.transforms.scd2 import month

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Scd2, Table

ARRIVED = "_arrived"
"""When a change arrived, as `arrival_order` says it; null where it has a time of its own."""


@dataclass(frozen=True)
class DistinctChanges:
    """The changes of one table with versions."""

    table: Table[...]

    @property
    def key(self) -> list[str]:
        """The columns that identify what changes."""
        return [name for name in self.table.key if name != "valid_from"]

    @property
    def names(self) -> list[str]:
        """The columns of a change."""
        return [column.name for column in self.table.change_columns]

    @property
    def effective_at(self) -> str:
        """The column with the time of a change."""
        return cast("Scd2", self.table.write).effective_at

    def of(self, changes: DataFrame) -> DataFrame:
        """Return each change once, as a row of the changelog with `ARRIVED`: with the first batch that it came in.

        One without a time of its own is there once for each batch, where it arrived last.
        """
        arrived = changes.withColumn(ARRIVED, F.expr(arrival_of_undated(f"`{self.effective_at}`")))
        batch = F.when(F.col(ARRIVED).isNotNull(), F.col("batch_id")).alias("_batch")
        first = [F.min(name).alias(name) for name in ("batch_id", "ingested_at")]
        once = arrived.groupBy(*self.names, batch).agg(*first, F.max(ARRIVED).alias(ARRIVED))
        file, line = file_and_line(F.col(ARRIVED))
        cells = {"changed_month": month(self.effective_at), "source_file": file, "version_line": line}
        return once.withColumns(cells).select(*self.names, *[each.name for each in CHANGELOG_COLUMNS], ARRIVED)

    def logged(self, changelog: DataFrame) -> DataFrame:
        """Return the rows of the changelog with `ARRIVED`."""
        return changelog.withColumn(ARRIVED, F.when(F.col("source_file").isNotNull(), F.expr(arrival_order())))

    def repeats(self, changes: DataFrame, logged: DataFrame) -> DataFrame:
        """Return the changes that are among the logged ones, with `_` before their names, and `own`: in their batch.

        One without a time of its own is a repeat only of one that arrived in its batch, there or later.
        """
        known = logged.select(
            *[F.col(name).alias(f"_{name}") for name in self.names], "batch_id", F.col(ARRIVED).alias("_logged")
        )
        found = changes.select(*self.names, F.col(ARRIVED).alias(f"_{ARRIVED}"), F.col("batch_id").alias("_batch"))
        is_own = F.col("batch_id") == F.col("_batch")
        has_time = F.col(f"_{ARRIVED}").isNull() | F.col("_logged").isNull()
        is_repeat = has_time | (is_own & (F.col("_logged") >= F.col(f"_{ARRIVED}")))
        matches = found.join(known, on=self._is_same() & is_repeat, how="inner")
        return matches.select(*[f"_{name}" for name in (*self.names, ARRIVED)], is_own.alias("own"))

    def without(self, changes: DataFrame, repeats: DataFrame) -> DataFrame:
        """Return the changes that are not among the repeats."""
        is_same = self._is_same() & F.col(f"_{ARRIVED}").eqNullSafe(F.col(ARRIVED))
        return changes.join(repeats, on=is_same, how="anti")

    def _is_same(self) -> Column:
        """Whether two changes are equal; the columns of one have `_` before their names."""
        by_key = (*self.key, self.effective_at)
        same = reduce(lambda one, other: one & other, [F.col(name) == F.col(f"_{name}") for name in by_key])
        rest = [name for name in self.names if name not in by_key]
        return reduce(lambda one, other: one & other, [F.col(f"_{n}").eqNullSafe(F.col(n)) for n in rest], same)

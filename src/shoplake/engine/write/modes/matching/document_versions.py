"""Versions of documents: which one wins, how new ones compare to those in the table, and their merge."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.record_place import OWN_BATCH, arrival_order
from shoplake.declare.modes.document_mode import CONTENT
from shoplake.declare.modes.mode import ARRIVAL
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import ReplaceDocuments, Table
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_writer import DeltaTableWriter

OWN, REPEATED, NEWER, OLDER = "own", "repeated", "newer", "older"
"""How a new version compares to the stored one of its document: it is that version, has its content, wins, or loses."""
VERSION = "_version"
"""A hash that identifies a version of a document in a join: of the columns of `ARRIVAL`, its time and content."""
IS_REMOVED = "_is_removed"
"""Marks the key of a stored row that the new version of its document does not have."""


@dataclass(frozen=True)
class DocumentVersions:
    """The versions of the documents of one table.

    Rows of joined records have the column `own_batch`: of versions that one part completed, the one whose own record
    arrived later counts. Their time is that of the own record, so that at equal times the later arrival counts.
    """

    table: Table[...]
    mode: ReplaceDocuments
    is_joined: bool = False

    @property
    def key(self) -> list[str]:
        """The columns that identify a document."""
        return list(self.mode.document_key)

    def identify(self, rows: DataFrame) -> DataFrame:
        """Add the hash of the version that a row is of.

        Records that lie on one line, as in a page of an API, are versions of their own by their time and content.
        """
        batch, file, line = ARRIVAL
        of_record = F.concat_ws("|", F.col(self.mode.order_by).cast("string"), F.col(CONTENT).cast("string"))
        record = F.when(F.col(line).isNotNull(), of_record).otherwise(F.lit(""))
        return rows.withColumn(VERSION, F.xxhash64(batch, *_arrival(F.col(file), F.col(line)), record))

    def summarize(self, rows: DataFrame) -> DataFrame:
        """Return one row per version: `_rows` with distinct keys, `_repeats` of these keys, its time and content.

        The content is the hash of its record, whichever of the record's rows are valid. Of a version of several records
        it is the sum of their hashes, whatever their order.
        """
        by_key = list(dict.fromkeys((*self.table.key, *ARRIVAL, VERSION)))
        keys = self.identify(rows).groupBy(*by_key)
        own = [F.max(OWN_BATCH).alias(OWN_BATCH)] if self.is_joined else []
        at, hash = F.max(self.mode.order_by).alias("at"), F.max(CONTENT).alias("hash")
        lines = keys.agg(F.count("*").alias("n"), at, hash, *own)
        content = F.col("hash").cast("decimal(20,0)")
        is_record = F.col(ARRIVAL[-1]).isNotNull()
        return lines.groupBy(*self.key, *ARRIVAL, VERSION).agg(
            F.count("*").alias("_rows"),
            (F.sum("n") - F.count("*")).alias("_repeats"),
            F.max("at").alias("_at"),
            F.coalesce(F.max(F.when(is_record, content)), F.sum(content)).alias("_content"),
            *own,
        )

    def rank(self, versions: DataFrame) -> DataFrame:
        """Add `_is_repeat`, whether a version repeats the one before it, `_is_winner`, and `_is_changed_back`.

        Versions are in order of time, those without one first and in order of arrival. Those with equal times are in
        order of content, and so are those of one line. The earliest of versions that repeat each other counts.
        """
        has_time = F.col("_at").isNotNull()
        tie = F.when(has_time & F.col(OWN_BATCH).isNull() if self.is_joined else has_time, F.col("_content"))
        batch, file, line = ARRIVAL
        both = f"concat_ws(' ', {batch}, {OWN_BATCH})"
        arrived = F.expr(arrival_order(both if self.is_joined else batch, file, line))
        document = Window.partitionBy(*self.key)
        in_order = document.orderBy(F.asc_nulls_first("_at"), tie.asc_nulls_first(), arrived, "_content")
        is_same = F.lag("_at").over(in_order).eqNullSafe(F.col("_at")) & (
            F.lag("_content").over(in_order) == F.col("_content")
        )
        placed = versions.withColumns(
            {"_is_repeat": F.coalesce(is_same, F.lit(False)), "_place": F.row_number().over(in_order)}
        )
        distinct = F.when(~F.col("_is_repeat"), F.col("_place"))
        last, first = F.max(distinct).over(document), F.min(distinct).over(document)
        return placed.select(
            "*",
            (F.col("_place") == last).alias("_is_winner"),
            (last > first).alias("_is_changed_back"),
        )

    def compare(self, new: DataFrame, stored: DataFrame) -> DataFrame:
        """Return one row per new version, the winner of its document, that the table has a version of.

        `_verdict` says how the two compare, `_stored_rows` how many rows the stored one has. A new version that equals
        the stored one and follows another in the same write restores it, which is a change where order is by arrival.
        """
        s, t = new.alias("s"), stored.alias("t")
        same_document = reduce(lambda one, other: one & other, [F.col(f"s.{n}") == F.col(f"t.{n}") for n in self.key])
        is_own = F.col(f"s.{VERSION}") == F.col(f"t.{VERSION}")
        is_same = F.col("s._at").eqNullSafe(F.col("t._at")) & (F.col("s._content") == F.col("t._content"))
        restores = F.col("s._at").isNull() & F.col("s._is_changed_back") & _arrived_later()
        verdict = (
            F.when(is_own, OWN)
            .when(is_same & ~restores, REPEATED)
            .when(F.coalesce(self._wins(), F.lit(False)), NEWER)
            .otherwise(OLDER)
        )
        return s.join(t, same_document, "inner").select(
            *[F.col(f"s.{name}").alias(name) for name in self.key],
            F.col("s._rows").alias("_rows"),
            F.col("t._rows").alias("_stored_rows"),
            verdict.alias("_verdict"),
        )

    def _wins(self) -> Column:
        """Whether version `s` wins over version `t` of the same document, whose contents differ."""
        new, old = F.col("s._at"), F.col("t._at")
        tie = F.col("s._content") > F.col("t._content")
        if self.is_joined:
            tie = F.when(F.col(f"s.{OWN_BATCH}").isNull(), tie).otherwise(_arrived_later())
        by_time = (new > old) | ((new == old) & tie)
        return F.when(new.isNull() & old.isNull(), _arrived_later()).when(old.isNull(), True).otherwise(by_time)


def _arrived_later() -> Column:
    """Whether version `s` arrived later than version `t`."""
    new, old = (F.expr(arrival_order(*(f"{side}.{name}" for name in ARRIVAL))) for side in "st")
    return new > old


def _arrival(file: Column, line: Column) -> tuple[Column, Column]:
    """Return the file and the line of a version in a batch, never null."""
    return F.coalesce(file, F.lit("")), F.coalesce(line, F.lit(-1))


def merge_documents(
    writer: DeltaTableWriter, stage: StagingArea, rows: DataFrame, stored: DataFrame, *, prunes: bool
) -> None:
    """Write the rows of documents in one commit: insert new keys, update stored ones, delete those that are gone.

    With `prunes`, only the partitions of the `stored` rows are read: no other process adds rows of these documents.
    """
    table = writer.table
    gone = stored.join(F.broadcast(rows.select(*table.key)), on=list(table.key), how="anti")
    cells = [F.col(each.name) if each.name in table.key else F.lit(None).cast(each.type) for each in table.columns]
    named = [cell.alias(each.name) for cell, each in zip(cells, table.columns, strict=True)]
    names = [each.name for each in table.columns]
    marked = rows.select(*names).withColumn(IS_REMOVED, F.lit(False))
    removed = gone.select(*named).withColumn(IS_REMOVED, F.lit(True))
    source = stage.materialize(marked.unionAll(removed), "merged")
    _commit(writer, source, _partitions_of(table, stored) if prunes else "true")


def _partitions_of(table: Table[...], stored: DataFrame) -> str:
    """Return the SQL condition of the partitions that have the stored rows; null is one of them."""
    if not table.partition_by:
        return "true"
    name = table.partition_by[0]
    column = table.column(name)
    assert column is not None
    found = [row[0] for row in stored.select(F.col(name).cast("string")).distinct().collect()]
    is_day = column.type == "date"
    texts = [sql_literal(each) for each in sorted(each for each in found if each is not None)]
    values = [f"DATE {text}" if is_day else f"CAST({text} AS {column.type})" for text in texts]
    parts = [f"t.{name} IN ({', '.join(values)})"] * bool(values) + [f"t.{name} IS NULL"] * (None in found)
    return f"({' OR '.join(parts)})"


@crash_points("merge")
def _commit(writer: DeltaTableWriter, source: DataFrame, where: str) -> None:
    view = f"shoplake_documents_{uuid.uuid4().hex}"
    source.createOrReplaceTempView(view)
    retry_on_conflict(lambda: writer.session.sql(_merge_sql(writer, view, where)).collect())
    writer.session.catalog.dropTempView(view)


def _merge_sql(writer: DeltaTableWriter, view: str, where: str) -> str:
    table = writer.table
    names = [column.name for column in table.columns]
    is_same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    return (
        f"MERGE INTO {writer.location.sql} AS t USING {view} AS s ON {is_same} AND {where} "
        f"WHEN MATCHED AND s.{IS_REMOVED} THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{name} = s.{name}' for name in names)} "
        f"WHEN NOT MATCHED AND NOT s.{IS_REMOVED} THEN INSERT ({', '.join(names)}) "
        f"VALUES ({', '.join(f's.{name}' for name in names)})"
    )

"""The rows of a table as one query over all rows of its inputs: each write mode without what is stored already."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD
from shoplake.columns.record_place import arrival_of_undated
from shoplake.declare import ReplaceDocuments, Scd2, Upsert
from shoplake.declare.modes.document_mode import CONTENT, content_columns
from shoplake.engine import (
    DocumentVersions,
    decode_maps,
    encode_maps,
    encoded_type,
    quarantine_cells,
    row_hash,
    row_order,
)
from shoplake.transforms.expectations import VIOLATIONS, has_no_violation, violated_rules
from shoplake.transforms.first_rows import first_rows
from shoplake.transforms.scd2 import build_scd2, month

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feeds, Table


def build(table: Table[...], inputs: dict[str, DataFrame], feeds: Feeds) -> DataFrame:
    """Return what a table's function makes of all rows of its inputs."""
    return table(*[inputs[name] for name in table.inputs], **table.arguments(feeds))


def evaluate(table: Table[...], rows: DataFrame) -> DataFrame:
    """Return the rows of a table of records with their record and `_violations`."""
    names = [column.name for column in table.output_columns]
    return rows.select(*names, RECORD, violated_rules(table.expectations).alias(VIOLATIONS))


def quarantine(table: Table[...], evaluated: DataFrame) -> DataFrame:
    """Return the evaluated rows that violate a rule as rows of the table's quarantine."""
    assert table.quarantine is not None, "only a table with rules has one"
    invalid = evaluated.where(~has_no_violation()).select(*quarantine_cells(table, table.quarantine))
    return typed(table.quarantine, invalid)


def winners(table: Table[...], evaluated: DataFrame) -> DataFrame:
    """Return the rows that the table keeps of the evaluated ones that violate no rule."""
    rows = valid(table, evaluated)
    match table.write:
        case Upsert():
            return typed(table, _first_by_key(table, rows))
        case ReplaceDocuments():
            return typed(table, _newest_documents(table, rows))
        case Scd2():
            return _versions(table, evaluated.where(has_no_violation()))
        case _:
            return typed(table, _distinct(table, rows))


def valid(table: Table[...], evaluated: DataFrame) -> DataFrame:
    """Return the evaluated rows that violate no rule, with the columns that the table's function returns."""
    return evaluated.where(has_no_violation()).select(*[column.name for column in table.output_columns])


def named_versions(table: Table[...], versions: DataFrame) -> DataFrame:
    """Return the versions that AUTO CDC keeps, with the names and the columns of a history."""
    mode = cast("Scd2", table.write)
    named = versions.withColumns(
        {
            "valid_from": F.col(f"__START_AT.{mode.effective_at}"),
            "valid_to": F.col(f"__END_AT.{mode.effective_at}"),
            "is_current": F.col("__END_AT").isNull(),
        }
    )
    return typed(table, named.withColumn("valid_to_month", month("valid_to")))


def typed(table: Table[...], rows: DataFrame) -> DataFrame:
    """Return the declared columns, in order and with their types.

    Types of rows that Python functions return name a collation in Spark, and readers other than Spark refuse it.
    """
    return rows.select(*[F.col(column.name).cast(column.type).alias(column.name) for column in table.columns])


def _first_by_key(table: Table[...], rows: DataFrame) -> DataFrame:
    """Return the winner of each key, or of each repeat of it outside the deduplication window."""
    mode = cast("Upsert", table.write)
    direction = F.asc if mode.keep == "first" else F.desc
    order = [direction(F.expr(each)) for each in row_order(table)]
    in_time = Window.partitionBy(*table.key).orderBy(*order)
    day = F.col(table.partition_by[0]) if table.partition_by else F.lit(None)
    is_new: Column = F.lit(False)
    if mode.dedup_window_days is not None:
        is_new = F.coalesce(F.abs(F.datediff(day, F.lag(day).over(in_time))) > mode.dedup_window_days, F.lit(False))
    numbered = rows.withColumn("_new", is_new.cast("int")).withColumn("_window", F.sum("_new").over(in_time))
    return first_rows(numbered, [*table.key, "_window"], order)


def _newest_documents(table: Table[...], rows: DataFrame) -> DataFrame:
    """Return the rows of the newest version of each document, one of each key."""
    versions = DocumentVersions(table, cast("ReplaceDocuments", table.write))
    ranked = versions.rank(versions.summarize(rows)).where("_is_winner").select(*versions.key, "_version")
    newest = versions.identify(rows).join(ranked, on=[*versions.key, "_version"], how="semi")
    hashed = newest.withColumn("_hash", row_hash(content_columns(table)))
    return first_rows(hashed, table.key, [F.desc(CONTENT), F.desc("_hash")])


def _versions(table: Table[...], changes: DataFrame) -> DataFrame:
    """Return the versions that all distinct changes make, of valid rows with their record."""
    key = [name for name in table.key if name != "valid_from"]
    types = {column.name: encoded_type(column) for column in table.change_columns}
    mode = cast("Scd2", table.write)
    place = [f"{RECORD}.{name}" for name in ("ingested_at", "batch_id", "file", "line")]
    arrived = F.max(F.expr(arrival_of_undated(f"`{mode.effective_at}`", *place))).alias("_arrived")
    distinct = encode_maps(changes, table.change_columns).groupBy(*types).agg(arrived)
    versions = build_scd2(distinct, key, mode, types, "_arrived")
    return typed(table, decode_maps(versions, table.columns))


def _distinct(table: Table[...], rows: DataFrame) -> DataFrame:
    """Return identical rows once."""
    hashed = rows.withColumn("_hash", row_hash(table.output_columns))
    return first_rows(hashed, [*table.key, "_hash"], ["_hash"])

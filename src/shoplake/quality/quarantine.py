"""Which quarantined records still wait for a correction."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.json import parse_json
from shoplake.columns.record_place import arrival_order, record_id
from shoplake.declare.modes.mode import ARRIVAL
from shoplake.engine import DECISIONS, table_exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Table
    from shoplake.engine import TableReader

OPEN, SUPERSEDED, FIXED, DISCARDED = "open", "superseded", "fixed", "discarded"
STATES = (OPEN, SUPERSEDED, FIXED, DISCARDED)
ARRIVED = "_arrived"
"""When the newest valid record of a key arrived, as `arrival_order` says it."""


def quarantined_rows(engine: TableReader, table: Table[...], quarantine: Table[...]) -> DataFrame:
    """Return the rows of a table's quarantine with their `record_id` and `state`, one of `STATES`.

    A decision counts before what arrived: a record that was fixed or discarded is that.
    """
    names = [each.name for each in quarantine.columns]
    rows = engine.read(quarantine)
    stored = _last_arrivals(engine, table, rows)
    if stored is None:
        rows = rows.withColumn("state", F.lit(OPEN))
    else:
        joined = rows.join(stored, on=["feed", "record_key"], how="left")
        rows = joined.withColumn("state", F.when(_is_later(), SUPERSEDED).otherwise(OPEN)).select(*names, "state")
    rows = rows.withColumn("record_id", record_id())
    if not table_exists(engine.path(DECISIONS)):
        return rows.select("record_id", *names, "state")
    decisions = engine.read(DECISIONS).groupBy(F.col("record_id").alias("_id"))
    last = decisions.agg(F.max("decision").alias("_decision"))
    decided = rows.join(F.broadcast(last), F.col("record_id") == F.col("_id"), how="left")
    return decided.select("record_id", *names, F.coalesce("_decision", "state").alias("state"))


def count_open(engine: TableReader, tables: Iterable[Table[...]]) -> dict[str, int]:
    """Count the open records of tables with a quarantine, by the name of the table."""
    return {
        table.qualified_name: quarantined_rows(engine, table, table.quarantine).where(f"state = '{OPEN}'").count()
        for table in tables
        if table.quarantine is not None
    }


def _last_arrivals(engine: TableReader, table: Table[...], rows: DataFrame) -> DataFrame | None:
    """Return when the newest valid record of each quarantined key arrived; None where the table does not say.

    Of the table only what arrived in the oldest quarantined batch or later is read, as nothing else can supersede.
    """
    source, key = table.changelog or table, table.write.record_key(table)
    if not key or source.column("batch_id") is None:
        return None
    oldest = rows.agg(F.min("batch_id")).collect()[0][0]
    if oldest is None:
        return None
    batch, has_files = F.col("batch_id"), source.column("source_file") is not None
    names, arrived = (ARRIVAL, F.expr(arrival_order())) if has_files else (("batch_id",), batch)
    cells = [F.col(name).cast("string").alias(f"_key_{number}") for number, name in enumerate(key)]
    arrivals = engine.read(source).where(batch >= oldest if has_files else batch > oldest)
    valid = arrivals.select(F.col("feed").alias("_feed"), *cells, *names)
    keys = _parse_keys(rows.select("feed", "record_key").distinct(), key)
    is_same = [F.col(f"_key_{number}") == F.col(f"_wanted_{number}") for number in range(len(key))]
    wanted = valid.join(F.broadcast(keys), on=reduce(and_, [F.col("_feed") == F.col("feed"), *is_same]))
    return wanted.groupBy("feed", "record_key").agg(F.max(arrived).alias(ARRIVED))


def _parse_keys(keys: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return the keys of records, each a JSON object of texts, with a column for each of their cells."""
    fields = ", ".join(f"`{name}` string" for name in names)
    cells = [F.col(f"_cells.`{name}`").alias(f"_wanted_{number}") for number, name in enumerate(names)]
    known = keys.where(F.col("record_key").isNotNull())
    return known.withColumn("_cells", parse_json("record_key", fields)).select("feed", "record_key", *cells)


def _is_later() -> Column:
    """Whether the valid record arrived after the quarantined one: in a later batch, file or line."""
    return F.coalesce(F.col(ARRIVED) > F.expr(arrival_order("batch_id", "file", "line")), F.lit(False))

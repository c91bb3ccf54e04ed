"""The records of bronze that quarantined records are, or are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD
from shoplake.columns.record_place import record_id
from shoplake.columns.schema import struct_type
from shoplake.declare import Scd2, Upsert
from shoplake.engine import at_landed_places
from shoplake.operations.definitions.record_evaluation import few_files
from shoplake.transforms.expectations import split_valid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.declare.kinds.stream import Stream
    from shoplake.engine import DefinitionEngine
    from shoplake.operations.definitions.record_evaluation import RecordEvaluator


@dataclass(frozen=True)
class BronzeRecords:
    """Reads the records of some tables in bronze: in what they read, and wherever else the same files are."""

    engine: DefinitionEngine
    catalog: Catalog
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, engine: DefinitionEngine, catalog: Catalog, feeds: Feeds, tables: Iterable[Table[...]]
    ) -> BronzeRecords:
        """Return those of silver tables; a file that several streams match is in several bronze tables."""
        names = dict.fromkeys(name for table in tables for name in bronze_inputs(catalog, table))
        streams = [(own, other) for feed in feeds for own in feed.kind.streams for other in feed.kind.streams]
        others = [other.into for own, other in streams if own.into in names and _share_files(own, other)]
        return cls(engine, catalog, tuple(dict.fromkeys(name for name in (*names, *others) if name in catalog)))

    @property
    def tables(self) -> list[Table[...]]:
        """The silver tables that are made of these bronze tables."""
        silver = [each for each in self.catalog.ordered if each.layer == "silver"]
        return [each for each in silver if set(bronze_inputs(self.catalog, each)) & set(self.names)]

    def find(self, ids: Collection[str]) -> dict[str, dict[str, list[Any]]]:
        """Return the rows of some records by bronze table and id; equal records of one file are several rows."""
        found: dict[str, dict[str, list[Any]]] = {}
        for name in self.names if ids else ():
            read = self.engine.read(self.catalog[name]).withColumn("_id", record_id())
            rows = read.where(F.col("_id").isin([*ids])).collect()
            if rows:
                found[name] = group_rows(rows)
        return found

    def has_all(self, records: DataFrame) -> bool:
        """Whether each of some quarantined records, given by `record_id`, is one of bronze and not made of several."""
        wanted = records.select("record_id").distinct()
        files = few_files(records)
        for name in self.names:
            read = self.engine.read(self.catalog[name])
            if files:
                read = read.where(F.col("file").isin(files))
            known = read.select(record_id().alias("record_id"))
            wanted = wanted.join(known, on="record_id", how="left_anti")
        return not wanted.limit(1).count()

    def is_part_valid(self, evaluator: RecordEvaluator, table: Table[...], ids: Collection[str]) -> bool:
        """Whether any row that an upserted table or a history made of some quarantined records may be valid.

        Of a record that is made of several it may. The only row of a record is in quarantine, also where the rules of
        now would pass it.
        """
        if not isinstance(table.write, Upsert | Scd2) or not ids:
            return False
        found = self.find(ids)
        if set(ids) - {id for groups in found.values() for id in groups}:
            return True
        inputs = {name: self._frame(name, found[name]) for name in bronze_inputs(self.catalog, table) if name in found}
        if not inputs:
            return False
        rows = evaluator.build(table, inputs)
        place = [F.col(f"{RECORD}.{name}") for name in ("batch_id", "file", "line")]
        if not rows.groupBy(*place).agg(F.count("*").alias("rows")).where("rows > 1").limit(1).count():
            return False
        return bool(split_valid(rows, table.expectations, rows.columns)[0].limit(1).count())

    def _frame(self, name: str, groups: Mapping[str, list[Any]]) -> DataFrame:
        """Return rows that were found in a bronze table, at the places where they were landed.

        They are values: Sail fails on conditions of a mapping that it pushes to the scan with that of the ids.
        """
        columns = self.catalog[name].columns
        cells = [tuple(row[column.name] for column in columns) for rows in groups.values() for row in rows]
        schema = struct_type(", ".join(f"{column.name} {column.type}" for column in columns))
        return at_landed_places(self.engine.session.createDataFrame(cells, schema))


def bronze_inputs(catalog: Mapping[str, Table[...]], table: Table[...]) -> list[str]:
    """Return the bronze tables that a table reads."""
    return [name for name in table.inputs if catalog[name].write.reads_files]


def group_rows(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Return rows of bronze by their `_id`, each those of its last batch: contents that came again are one."""
    groups: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda each: each["batch_id"]):
        known = groups.setdefault(row["_id"], [])
        if known and known[0]["batch_id"] != row["batch_id"]:
            known.clear()
        known.append(row)
    return groups


def _share_files(one: Stream, other: Stream) -> bool:
    """Whether a file may belong to both streams."""
    return one.matches(_example(other)) or other.matches(_example(one))


def _example(stream: Stream) -> str:
    return stream.pattern.replace("*", "x")

"""A lake of sample tables whose declarations change, and the means to compare it with a fresh one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import functions as F
from sample_tables import CATALOG, DAY, FEED, KIND, MARKS, RULES, copies, drop, feed, mark, price, read_marks

from shoplake.declare import Feeds, Replace, Table, Upsert, col, table
from shoplake.declare.catalog import Catalog
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.table_plan import RunSelection
from shoplake.operations.definitions.lake_definitions import LakeDefinitions
from shoplake.pipeline.runner import PipelineRun
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import DataFrame

NOT_COMPARED = {"ingested_at", "quarantined_at"}
COUNT = "bigint"


@table(
    "silver",
    key=["feed", "id"],
    write=Upsert(order_by="at"),
    partition_by=["day"],
    incremental="marks_raw",
    columns=MARKS,
    expectations=RULES,
)
def local_marks(marks_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per id: its newest mark, on the day of its feed's time zone."""
    zone = F.lit("UTC")
    for each in feeds:
        zone = F.when(F.col("feed") == each.name, F.lit(each.timezone)).otherwise(zone)
    return read_marks(marks_raw).withColumn("day", F.from_utc_timestamp("at", zone).cast("date"))


def doubled(n: int) -> int:
    return n * 2


def double_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        numbers = [None if n is None else doubled(n) for n in batch.column("pieces").to_pylist()]
        place = batch.schema.get_field_index("pieces")
        yield batch.set_column(place, "pieces", pa.array(numbers, pa.int64()))


@table(
    "gold",
    key=["feed", "day"],
    write=Replace(),
    columns=[FEED, DAY, col("pieces", "bigint", "Twice as many", unit="pieces")],
)
def doubles(daily: DataFrame) -> DataFrame:
    """One row per feed and day, by Python code."""
    return daily.select("feed", "day", "pieces").mapInArrow(double_batches, "feed string, day date, pieces bigint")


def add_pieces(rows: DataFrame) -> DataFrame:
    return rows.groupBy("feed").agg(F.sum("pieces").cast("bigint").alias("pieces"))


@table("gold", key=["feed"], write=Replace(), columns=[FEED, col("pieces", "bigint", "Marked", unit="pieces")])
def helped(daily: DataFrame) -> DataFrame:
    """One row per feed, by a helper."""
    return add_pieces(daily)


def labelled(daily: DataFrame) -> DataFrame:
    """The rows of `totals` with one column more."""
    return add_pieces(daily).select("feed", "pieces", F.lit("all").alias("label"))


TABLES: dict[str, Table[...]] = {each.name: each for each in (*CATALOG.values(), copies, local_marks, doubles, helped)}


def changed(name: str, **changes: Any) -> dict[str, Table[...]]:
    """The sample tables with one of them declared otherwise."""
    return TABLES | {name: replace(TABLES[name], _name=name, _doc=changes.pop("_doc", TABLES[name].doc), **changes)}


class ChangingLake:
    """A lake over a landing folder, whose declarations and settings may change between runs."""

    def __init__(self, session: Any, folder: Path, landing: Path | None = None, **engine: Any) -> None:
        self.session, self.folder, self._engine = session, folder, engine
        self.landing = landing or folder / "landing"
        self.lake = str(folder / "lake")
        self.tables = dict(TABLES)
        self.settings = Settings(self.lake, (feed(self.landing),))
        self.state = StateStore(self.lake)

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.tables.values())

    def copy(self, folder: Path) -> ChangingLake:
        """A lake of the same content in another folder, over the same landing folder."""
        shutil.copytree(self.lake, folder / "lake")
        made = ChangingLake(self.session, folder, self.landing, **self._engine)
        made.tables = self.tables
        return made

    def engine(self) -> DeltaEngine:
        return DeltaEngine(self.session, self.lake, **self._engine)

    @property
    def definitions(self) -> LakeDefinitions:
        return LakeDefinitions(self.engine(), self.catalog, self.state, self.settings)

    def run(self, *, full_refresh: bool = False) -> Any:
        parts = (self.engine(), self.catalog, self.state, self.settings)
        with LakeDefinitions(*parts).during_run(full_refresh=full_refresh) as left:
            result = PipelineRun(*parts, selection=RunSelection(full_refresh)).execute()
            left |= result.blocked
        return result

    def plan(self) -> dict[str, str]:
        """The action for each table that changes."""
        return {each.table: each.action.name for each in self.definitions.plan().changes}

    def reasons(self, name: str) -> tuple[str, ...]:
        return next(each.reasons for each in self.definitions.plan().changes if each.table == name)

    def apply(self, **options: Any) -> list[str]:
        return [step.table for step in self.definitions.apply(**options)]

    def rows(self) -> dict[str, list[str]]:
        """All rows of all tables and those beside them, but for when they were written."""
        every = [each for table in self.catalog.ordered for each in (table, *table.companion_tables)]
        engine = self.engine()
        return {each.qualified_name: _texts(engine.read(each).toArrow().to_pylist()) for each in every}

    def files(self) -> dict[str, list[str]]:
        paths = {name: f"{self.lake}/{table.path}" for name, table in self.tables.items()}
        return {name: sorted(DeltaTable(path).file_uris()) for name, path in paths.items()}


def _texts(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as texts that compare, in order, with columns by name."""
    return sorted(str(sorted((name, value) for name, value in row.items() if name not in NOT_COMPARED)) for row in rows)


FIRST = {
    "marks/a": (
        mark("a"),
        mark("b", "2026-03-02T09:00:00Z", n=2),
        mark("c", "2026-03-02T23:30:00Z", who="bob", n=0),
        mark("d", "2026-03-03T09:00:00Z", n=-4),
    ),
    "prices/a": (price("x", "1.00", "2026-03-01"), price("y", "2.00", "2026-03-02")),
}
SECOND = {
    "marks/b": (mark("e", "2026-03-03T10:00:00Z", who="eve", n=7), mark("b", "2026-03-02T10:00:00Z", n=3), "no json"),
    "prices/b": (price("x", "3.00", "2026-03-04"),),
}


def fill(lake: ChangingLake) -> None:
    """Two batches of files, each with a run."""
    for files in (FIRST, SECOND):
        for name, records in files.items():
            drop(lake.landing / f"{name}.json", *records)
        lake.run()


def fresh_rows(lake: ChangingLake, folder: Path) -> dict[str, list[str]]:
    """The rows of a fresh lake with the declarations and settings of another, over files of the same content."""
    made = ChangingLake(lake.session, folder, **lake._engine)
    made.tables = lake.tables
    (of,) = lake.settings.feeds
    made.settings = replace(made.settings, feeds=(replace(of, path=str(made.landing)),))
    fill(made)
    return made.rows()


__all__ = ["KIND", "TABLES", "ChangingLake", "changed", "fill", "fresh_rows"]

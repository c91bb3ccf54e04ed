"""The rows of one table, computed by its function from the rows of its inputs that an action needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, filter_parsed
from shoplake.columns.record_place import record_id
from shoplake.declare import Replace, ReplaceDocuments, Scd2, SessionWindow, Upsert
from shoplake.engine import (
    DECISIONS,
    Batches,
    FeedPartitions,
    Partitions,
    Rows,
    WholeTable,
    at_landed_places,
    date_range_columns,
    shared_partition,
)
from shoplake.pipeline.memory.chunking import choose_rows, memory_chunks, most_rows, pruned_inputs
from shoplake.pipeline.memory.partition_parts import day_share, is_divided, partition_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds, Table
    from shoplake.engine import Action, ChangeReader, FileRegistry, Sessions


@dataclass(frozen=True)
class TableInputs:
    """Reads the inputs of one table and builds its rows.

    `memory` bounds the chunks of a full refresh, in bytes; there are at least `parts`, where the table can be divided.
    """

    engine: ChangeReader
    catalog: Mapping[str, Table[...]]
    table: Table[...]
    files: FileRegistry
    feeds: Feeds = ()
    memory: int | None = None
    parts: int = 1

    def rows(self, action: Action) -> Iterator[DataFrame]:
        """Yield the rows that an action writes, in chunks that fit into memory."""
        table, engine, catalog = self.table, self.engine, self.catalog
        match action:
            case Batches(ids):
                for id in ids:
                    new = {name: self._batch_rows(catalog[name], id) for name in table.incremental}
                    rows = self._transform(new | self._empty(set(table.inputs) - set(table.incremental)))
                    yield self._completed_by(id, rows)
            case _ if is_divided(action, table, self.parts):
                for chunk in memory_chunks(engine, catalog, table, self.memory, self.parts):
                    rows = self._transform(pruned_inputs(engine, catalog, table, chunk))
                    yield choose_rows(rows, table, chunk)
            case Partitions():
                yield self._transform(pruned_inputs(engine, catalog, table, action))
            case FeedPartitions(partitions=partitions):
                inputs = pruned_inputs(engine, catalog, table, partitions)
                yield self._transform(inputs | self._empty(table.incremental))
            case Rows(since) if table.one_to_one_with is not None:
                upstream = catalog[table.one_to_one_with]
                yield self._transform({upstream.name: engine.added_rows(upstream, since)})
            case _:
                yield self._transform({})

    def changed_input(self, action: Sessions) -> DataFrame:
        """Return the rows of the incremental input that changed, and those of the dates with the days next to them.

        A session that is no longer in the table may have crossed midnight. Raises LookupError where the log no longer
        has the changes; the plan is then a full refresh.
        """
        upstream = self._incremental
        changed = self.engine.changed_rows(upstream, action.since)
        if changed is None:
            raise LookupError(f"The changes of {upstream.qualified_name} since version {action.since} are unknown.")
        if action.dates is None:
            return changed
        days = sorted(filter(action.dates.is_adjacent, self.engine.partitions(upstream, action.date_column)))
        if not days:  # Sail 0.7.2 cannot plan a union with rows of no partition
            return changed
        rows = self.engine.read(upstream).where(
            F.col(action.date_column).isin([F.lit(each).cast("date") for each in days])
        )
        return changed.unionAll(rows.select(*changed.columns))

    def all_input(self) -> DataFrame:
        """Return all rows of the incremental input."""
        return self.engine.read(self._incremental)

    def build(self, rows: DataFrame) -> DataFrame:
        """Return the table's rows made of these rows of the incremental input."""
        return self._transform({self._incremental.name: rows})

    def most_rows(self) -> int:
        """Return the rows of the largest input."""
        return most_rows(self.engine, self.catalog, self.table.inputs)

    def read(self, name: str) -> DataFrame:
        """Return all rows of an input."""
        return self.current_rows(self.catalog[name])

    def changed(self, name: str, since: int, columns: Sequence[str]) -> Iterator[DataFrame]:
        """Yield columns of the rows of an input that were added or removed after a version."""
        return self.engine.exact_changes(self.catalog[name], since, columns)

    def pruned(self, action: Partitions, copied: Collection[str] = ()) -> dict[str, DataFrame]:
        """Return the input rows that some partitions are made of; inputs that are missing are read whole.

        Those in `copied` are read from the copies that are kept of them.
        """
        return pruned_inputs(self.engine, self.catalog, self.table, action, copied)

    def scattered(self, rows: DataFrame, action: Partitions | None = None) -> dict[str, Hashable]:
        """Return the inputs that the query of some rows of the table reads from many small files, each with a key.

        With an action these are the rows of its partitions, of inputs that are pruned row by row.
        """
        engine, table, upstreams = self.engine, self.table, [self.catalog[name] for name in self.table.inputs]
        if action is None:
            return {
                upstream.name: WholeTable(upstream.path, engine.version(upstream), upstream)
                for upstream in upstreams
                if engine.is_scattered(upstream, rows)
            }
        return {
            upstream.name: (upstream.path, engine.version(upstream), columns, action.values)
            for upstream in upstreams
            if (columns := date_range_columns(table, upstream)) is not None
            and shared_partition(table, upstream) is None
            and engine.is_scattered(upstream, rows, day_share(engine, table, upstream, action))
        }

    def divided(self, action: Partitions) -> list[Partitions]:
        """Return some partitions in parts, each made of input rows that fit into memory."""
        return partition_parts(self.engine, self.catalog, self.table, action, self.memory, self.parts)

    def build_from(self, inputs: Mapping[str, DataFrame]) -> DataFrame:
        """Return the table's rows made of these rows of some inputs, and of all rows of the others."""
        return self._transform(inputs)

    @property
    def _incremental(self) -> Table[...]:
        return self.catalog[self.table.incremental[0]]

    def _transform(self, inputs: Mapping[str, DataFrame]) -> DataFrame:
        """Call the table's function with `inputs`, and with all current rows of the others.

        Events that are in no session by the table's write mode are left out, and rows without the key by which the
        table is rebuilt: a run that reads what changed finds neither.
        """
        read = {
            name: inputs[name] if name in inputs else self.current_rows(self.catalog[name])
            for name in self.table.inputs
        }
        if isinstance(self.table.write, SessionWindow):
            events = self._incremental
            read[events.name] = _where(read[events.name], self.table.write.event_conditions(events))
        rows = self.table(*read.values(), **self.table.arguments(self.feeds))
        return _where(rows, self.table.write.row_conditions(self.table))

    def waiting(self) -> list[DataFrame]:
        """Return the records that wait for parts that have not arrived, for each feed whose kind finds them."""
        return [
            find_waiting(self.current_rows(self.catalog[name]).where(F.col("feed") == feed.name), feed)
            for feed in self.feeds
            for name, find_waiting in feed.kind.waiting.get(self.table.name, {}).items()
        ]

    def waiting_count(self) -> int | None:
        """Return how many records wait for parts that have not arrived; None if no kind counts them for the table."""
        counts = [records.count() for records in self.waiting()]
        return sum(counts) if counts else None

    def _batch_rows(self, bronze: Table[...], batch: str) -> DataFrame:
        """Return the rows of a batch; of feeds whose kind joins records of the table, those of earlier batches too."""
        joined = [feed.name for feed in self.feeds if bronze.name in feed.kind.joins]
        if not joined:
            rows = self.engine.read_batches(bronze, [batch])
            is_fix = batch in self.files.fix_batches(bronze.name)
            return self._without_decided(self._placed(rows, self.engine.read(bronze)) if is_fix else rows)
        is_earlier = F.col("feed").isin(joined) & (F.col("batch_id") < batch)
        return self.current_rows(bronze).where((F.col("batch_id") == batch) | is_earlier)

    def _completed_by(self, batch: str, rows: DataFrame) -> DataFrame:
        """Return the rows that a batch adds: of joined records those whose last part arrived in it."""
        if not any(set(feed.kind.joins) & set(self.table.incremental) for feed in self.feeds):
            return rows
        return filter_parsed(rows, F.coalesce(f"{RECORD}.batch_id", F.lit(batch)) == batch)

    def _empty(self, names: Iterable[str]) -> dict[str, DataFrame]:
        return {name: self.engine.read(self.catalog[name]).where(F.lit(False)) for name in names}

    def current_rows(self, table: Table[...]) -> DataFrame:
        """Return all rows of a table; of bronze without superseded contents, and without fixed or discarded records.

        A corrected record is at the place of the one that it replaces, and superseded with it.
        """
        rows = self.engine.read(table)
        if not table.write.reads_files:
            return rows
        files = self.files.superseded_files(table.name)
        superseded = ["|".join((feed, batch, path)) for (feed, path), (old, _) in files.items() for batch in old]
        landed = rows.where(~F.concat_ws("|", "feed", "batch_id", "file").isin(superseded)) if superseded else rows
        if fixes := self.files.fix_batches(table.name):
            is_fix = F.col("batch_id").isin(sorted(fixes))
            landed, corrected = landed.where(~is_fix), rows.where(is_fix)
            replaced = ["|".join(file) for file in files]
            landed = landed.unionByName(self._placed(corrected, rows, landed, replaced))
        return self._without_decided(landed)

    def _placed(
        self, corrected: DataFrame, bronze: DataFrame, landed: DataFrame | None = None, replaced: Sequence[str] = ()
    ) -> DataFrame:
        """Return corrected records of bronze at their places.

        Where the record counts that arrived last, the batch is that of the record that it replaces, and where the last
        row of a key counts the time of arrival as well: a kind may date a row by it.
        """
        write = self.table.write
        keeps_last = isinstance(write, Scd2) or (isinstance(write, Upsert) and write.keep == "last")
        return at_landed_places(
            *(corrected, landed, replaced),
            takes_batch=keeps_last or isinstance(write, ReplaceDocuments | Replace),
            arrivals=bronze if keeps_last else None,
        )

    def _without_decided(self, bronze: DataFrame) -> DataFrame:
        """Leave out the records that were discarded, or that a corrected record replaces."""
        if not self.files.has_decisions:
            return bronze
        decided = self.engine.read(DECISIONS).select(F.col("record_id").alias("_decided")).distinct()
        names = bronze.columns
        return bronze.join(F.broadcast(decided), record_id() == F.col("_decided"), how="left_anti").select(*names)


def _where(rows: DataFrame, conditions: Iterable[str]) -> DataFrame:
    """Return the rows that satisfy all conditions; as they are, where there is none."""
    return reduce(lambda filtered, condition: filtered.where(condition), conditions, rows)

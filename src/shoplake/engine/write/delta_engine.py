"""Delta tables in a lake or a catalog, read and written through a Spark Connect session, on Sail and on Spark."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.session import few_new_rows
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.session.error_mapping import failures_of
from shoplake.engine.session.first_come import first_come_memory
from shoplake.engine.storage import table_log
from shoplake.engine.storage.table_log import MANY_FILES
from shoplake.engine.write.modes import STRATEGIES
from shoplake.engine.write.schema.schema_check import SchemaCache
from shoplake.engine.write.staging.staging_area import RETURNED
from shoplake.engine.write.table_plan import AllRows, Batches
from shoplake.engine.write.table_reader import DeltaTableReader
from shoplake.engine.write.table_writer import DeltaTableWriter

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

    from shoplake.declare import Table
    from shoplake.engine.protocol import CommitCheck, WriteResult
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.write.modes.strategy import RowSource, WriteStrategy
    from shoplake.engine.write.table_plan import Action, Partitions, Sessions


class DeltaEngine(DeltaTableReader):
    """Tables that are stored in a lake or a catalog, and written there by one writer at a time."""

    def __init__(
        self,
        session: SparkSession,
        lake: str,
        capabilities: EngineCapabilities = SAIL,
        catalog: str | None = None,
        *,
        strategies: Mapping[type, WriteStrategy] = STRATEGIES,
    ) -> None:
        super().__init__(session, lake, capabilities, catalog)
        self._strategies = strategies
        self._schemas = SchemaCache()

    def strategy(self, table: Table[...]) -> WriteStrategy:
        """Return the strategy of the table's write mode."""
        return self._strategies[type(table.write)]

    def writer(self, table: Table[...], before_commit: CommitCheck | None = None) -> DeltaTableWriter:
        """Return the writer of a table."""
        return DeltaTableWriter(self, table, self._schemas, before_commit)

    def keep_schema(self, table: Table[...], schema: StructType) -> None:
        """Keep the schema of what the table's function returns: its writes do not ask for it again."""
        self._schemas.keep(table, RETURNED, schema)

    def create_if_missing(self, table: Table[...]) -> None:
        """Create the table and its companion tables, without rows, unless they exist."""
        for each in (table, *table.companion_tables):
            self.location(each).create_if_missing(each)

    def execute(
        self, table: Table[...], action: Action, source: RowSource, before_commit: CommitCheck | None = None
    ) -> WriteResult:
        """Write what an action of a plan asks for, with rows computed by `source`. A CommitError names the table."""
        with failures_of(table.qualified_name):
            return self.strategy(table).write(self.writer(table, before_commit), action, source)

    def write(self, table: Table[...], rows: DataFrame, action: Action | None = None) -> WriteResult:
        """Write rows by the table's write mode: as all its rows, or as those that an action of a plan asks for."""
        return self.execute(table, action or AllRows(), GivenRows(rows))

    def append_batch(self, table: Table[...], batch: str, rows: DataFrame) -> WriteResult:
        """Append the rows of a batch to a bronze table, replacing those of an earlier attempt."""
        return self.write(table, rows, Batches((batch,)))

    def delete_batch(self, table: Table[...], batch: str) -> None:
        """Delete what an earlier attempt at a batch left in a bronze table."""
        self.location(table).delete_batches([batch])

    def expect_rows(self, count: int, new: int | None = None) -> None:
        """Prepare for queries over at most so many rows, of which `new` are, or else all: few are one task a step.

        Spark also interprets queries over few rows, and one on this machine leaves it to this process to write them.
        """
        if self.capabilities.compiles_queries:
            from shoplake.engine.session.spark import few_rows  # the embedded engine needs none of it

            is_gathered = self.fetched is not None and self.fetched.expect_rows(count)
            few_rows.expect_rows(self.session, count, is_gathered=is_gathered)
        elif self.capabilities.is_in_process:
            few_new_rows.expect_rows(self.session, count, count if new is None else new)

    def in_one_task(self) -> AbstractContextManager[None]:
        """Let a step of the embedded engine be one task inside `with`: none waits for another one."""
        return few_new_rows.one_task(self.session) if self.capabilities.is_in_process else nullcontext()

    def first_come_memory(self) -> AbstractContextManager[bool]:
        """Let queries of the embedded engine inside `with` take memory as they ask for it; says whether they do."""
        return first_come_memory(self.session) if self.capabilities.is_in_process else nullcontext(enter_result=False)

    def keep_session(self) -> None:
        """Ask the engine for something small: a server ends a session that has been idle for an hour."""
        self.session.conf.get("spark.sql.session.timeZone")

    @crash_points("compact")
    def compact(self, table: Table[...], max_files: int = MANY_FILES) -> None:
        """Compact partitions of more than `max_files` small files, of the table and its companion tables.

        A catalog compacts its tables itself.
        """
        for each in (table, *table.companion_tables):
            table_log.compact(self.path(each), each.partition_by, max_files)


@dataclass(frozen=True)
class GivenRows:
    """A source of rows that are already there, whatever the action."""

    frame: DataFrame

    def rows(self, action: Action) -> Iterator[DataFrame]:
        """Yield the rows."""
        yield self.frame

    def changed_input(self, action: Sessions) -> DataFrame:
        """Raise TypeError: rows alone have no input."""
        raise TypeError("Sessions are recomputed from an input, which these rows do not have.")

    def all_input(self) -> DataFrame:
        """Raise TypeError: rows alone have no input."""
        raise TypeError("Sessions are recomputed from an input, which these rows do not have.")

    def most_rows(self) -> int:
        """Return 0: rows alone have no input."""
        return 0

    def read(self, name: str) -> DataFrame:
        """Raise TypeError: rows alone have no input."""
        raise TypeError(f"Keys are recomputed from '{name}', which these rows do not have.")

    def changed(self, name: str, since: int, columns: Sequence[str]) -> Iterator[DataFrame]:
        """Raise TypeError: rows alone have no input."""
        raise TypeError(f"Keys are recomputed from '{name}', which these rows do not have.")

    def pruned(self, action: Partitions, copied: Collection[str] = ()) -> dict[str, DataFrame]:
        """Return nothing: these rows have no inputs."""
        return {}

    def divided(self, action: Partitions) -> list[Partitions]:
        """Return all of them: these rows are there."""
        return [action]

    def scattered(self, rows: DataFrame, action: Partitions | None = None) -> dict[str, Hashable]:
        """Return nothing: these rows have no inputs."""
        return {}

    def build_from(self, inputs: Mapping[str, DataFrame]) -> DataFrame:
        """Return the rows, whatever the inputs."""
        return self.frame

    def build(self, rows: DataFrame) -> DataFrame:
        """Return rows as they are."""
        return rows

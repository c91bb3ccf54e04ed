"""The interfaces of the engine that its callers rely on, each small enough to fake, and the result of a write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    import pyarrow as pa
    import pyarrow.dataset as ds
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.storage.commit_diff import CommitDiff
    from shoplake.engine.write.modes.strategy import RowSource, WriteStrategy
    from shoplake.engine.write.table_location import TableLocation
    from shoplake.engine.write.table_plan import Action, DateRange
    from shoplake.engine.write.table_writer import DeltaTableWriter

    CommitCheck: TypeAlias = Callable[[DataFrame, DataFrame | None], None]
    """Receives the staged rows of a write and the table's rows that stay beside them, None for none; may raise."""


@dataclass(frozen=True)
class ViolationSample:
    """A record that violates a rule: where it is, the start of its text, and the values of the columns of the rule."""

    feed: str
    batch_id: str
    file: str
    line: int | None
    raw: str
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class WriteResult:
    """The counts of one write, in rows.

    `rows_read = rows_written + rows_quarantined + rows_duplicate + rows_superseded`. `rows_written` are in the table
    because of this write; `rows_duplicate` repeat a row of the table or of the same write, and `rows_conflicting` are
    those among them with another payload. `rows_superseded` are of a version of their document that is not the newest.
    `rows_replaced` are stored rows that this write removed or updated; they were not read by it. `rows_outdated` are
    those among them of whose document a newer version came; a rebuild has none. `violations` counts the rows that
    violate each rule; `samples` are some records that violate the most frequent rule, where many rows are quarantined.
    """

    rows_read: int
    rows_written: int
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_conflicting: int = 0
    rows_superseded: int = 0
    rows_replaced: int = 0
    rows_outdated: int = 0
    violations: Mapping[str, int] = field(default_factory=dict)
    samples: Mapping[str, tuple[ViolationSample, ...]] = field(default_factory=dict, compare=False)

    def __add__(self, other: WriteResult) -> WriteResult:
        """Return the counts of two writes of one table together."""
        violations = {
            rule: self.violations.get(rule, 0) + other.violations.get(rule, 0)
            for rule in {*self.violations, *other.violations}
        }
        samples = {
            rule: (*self.samples.get(rule, ()), *other.samples.get(rule, ()))
            for rule in (*self.samples, *other.samples)
        }
        return WriteResult(
            self.rows_read + other.rows_read,
            self.rows_written + other.rows_written,
            self.rows_quarantined + other.rows_quarantined,
            self.rows_duplicate + other.rows_duplicate,
            self.rows_conflicting + other.rows_conflicting,
            self.rows_superseded + other.rows_superseded,
            self.rows_replaced + other.rows_replaced,
            self.rows_outdated + other.rows_outdated,
            violations,
            samples,
        )


class TableReader(Protocol):
    """Reads tables: their rows, what their logs count, and queries over them."""

    @property
    def lake(self) -> str:
        """The folder or URL of the lake."""

    def path(self, table: Table[...]) -> str:
        """Return the folder of the table, or its address in a catalog."""

    def folder(self, name: str) -> str | None:
        """Return the folder of a table by its `layer.name`, also of one that is not declared; None in a catalog."""

    def read(self, table: Table[...]) -> DataFrame:
        """Return all current rows; none if nothing was ever written."""

    def read_batches(self, table: Table[...], batches: Collection[str]) -> DataFrame:
        """Return the rows of a bronze table that arrived in `batches`."""

    def scan_batch(self, table: Table[...], batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows of a bronze table that arrived in a batch, without a query."""

    def row_count(self, table: Table[...]) -> int:
        """Return the number of rows, by the log."""

    def version(self, table: Table[...]) -> int:
        """Return the number of the last commit."""

    def sql_name(self, table: Table[...], version: int | None = None) -> str:
        """Return the name of the table, or of an earlier version of it, in a query of `sql`.

        Raises VersionNotFoundError for a version whose log or files are gone.
        """

    def sql(self, query: str) -> DataFrame:
        """Return the result of a query that names tables by `sql_name`."""


class ChangeReader(TableReader, Protocol):
    """Reads what changed in tables since a version."""

    @property
    def capabilities(self) -> EngineCapabilities:
        """What the engine can do."""

    def location(self, table: Table[...]) -> TableLocation:
        """Return the location of the table: in the lake or in the catalog."""

    def partitions(self, table: Table[...], column: str) -> set[str]:
        """Return the values of a column by which a table is rebuilt in part, as text."""

    def commit_diff(self, table: Table[...], since: int) -> CommitDiff | None:
        """Return what commits after version `since` changed; None where log or files no longer exist."""

    def added_rows(self, table: Table[...], since: int) -> DataFrame:
        """Return the rows of files added after a version. Raises CommitError where files were removed."""

    def changed_rows(self, table: Table[...], since: int) -> DataFrame | None:
        """Return the rows added or removed since a version, and maybe some that did not change; None if unknown."""

    def exact_changes(self, table: Table[...], since: int, columns: Sequence[str]) -> Iterator[DataFrame]:
        """Yield columns of the rows that were added or removed since a version, in parts; rows may repeat."""

    def read_sooner(self, table: Table[...]) -> DataFrame:
        """Return all rows of the current version, from a copy where one is kept."""

    def is_scattered(self, table: Table[...], rows: DataFrame, share: float = 1.0) -> bool:
        """Whether a query reads few rows of a table from many files, so often that a copy in one file is cheaper."""

    def changed_since(self, table: Table[...], changes: CommitDiff) -> datetime | None:
        """Return the first moment at which versions differ after some changes; None if they are the same."""

    def changed_dates(self, table: Table[...], changes: CommitDiff, first: str, last: str) -> set[DateRange] | None:
        """Return the days, from `first` to `last` (null: no end), of the rows that some changes added or removed.

        None where one of these rows has no first day.
        """


class TableWriter(TableReader, Protocol):
    """Writes tables, and maintains their files."""

    def create_if_missing(self, table: Table[...]) -> None:
        """Create the table and its companions, without rows, unless they exist."""

    def compact(self, table: Table[...], max_files: int = ...) -> None:
        """Compact partitions of more than `max_files` small files; the table's rows stay as they are."""


class PipelineEngine(ChangeReader, TableWriter, Protocol):
    """What a run needs: the strategy of each table, and the execution of what it plans."""

    @property
    def session(self) -> SparkSession:
        """The session that runs the queries."""

    def strategy(self, table: Table[...]) -> WriteStrategy:
        """Return the strategy of the table's write mode."""

    def execute(
        self, table: Table[...], action: Action, source: RowSource, before_commit: CommitCheck | None = None
    ) -> WriteResult:
        """Write what an action of a plan asks for, with rows computed by `source`.

        `before_commit` sees the staged rows of each commit; what it raises leaves the table as it was.
        """

    def expect_rows(self, count: int, new: int | None = None) -> None:
        """Prepare for queries over at most so many rows, of which `new` are, or else all."""

    def in_one_task(self) -> AbstractContextManager[None]:
        """Let a step of an embedded engine be one task inside `with`: none waits for another one."""

    def first_come_memory(self) -> AbstractContextManager[bool]:
        """Let queries of an embedded engine inside `with` take memory as they ask for it; says whether they do."""

    def keep_schema(self, table: Table[...], schema: StructType) -> None:
        """Keep the schema of what the table's function returns: its writes do not ask for it again."""

    def share_inputs(self, tables: Iterable[Table[...]]) -> AbstractContextManager[None]:
        """Stage input rows that several of the tables are made of once, while they are written inside `with`."""

    def append_batch(self, table: Table[...], batch: str, rows: DataFrame) -> WriteResult:
        """Append the rows of a batch to a bronze table, replacing those of an earlier attempt."""

    def delete_batch(self, table: Table[...], batch: str) -> None:
        """Delete what an earlier attempt at a batch left in a bronze table."""


class DefinitionEngine(PipelineEngine, Protocol):
    """What a change of definitions needs beyond a run: the steps of a write, one by one, and other columns."""

    def writer(self, table: Table[...]) -> DeltaTableWriter:
        """Return the writer of a table: its staging area and its commits."""

    def allow_schema_change(self, table: Table[...]) -> None:
        """Let the next overwrite of all rows of the table also change its columns, types and partitions."""


class StateReader(Protocol):
    """Reads the state store."""

    def path(self, table: Table[...]) -> str:
        """Return the folder of an ops table."""

    def read(
        self, table: Table[...], columns: list[str] | None = None, where: ds.Expression | None = None
    ) -> list[dict[str, Any]]:
        """Return the rows of an ops table, or those for which `where` is true."""

    def marker(self, table: Table[...], name: str) -> int | None:
        """Return the number that a commit to an ops table last recorded under a name."""

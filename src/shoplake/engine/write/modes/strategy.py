"""What a write mode does: it plans what to write from what changed, and writes it."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Protocol

from shoplake.engine.protocol import WriteResult
from shoplake.engine.session.stalled_queries import QueryStalledError
from shoplake.errors import EngineMemoryError, WriteStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.table_plan import Action, Partitions, RunSelection, Sessions, TablePlan
    from shoplake.engine.write.table_writer import DeltaTableWriter


class RowSource(Protocol):
    """Computes the rows of one table from its inputs."""

    def rows(self, action: Action) -> Iterator[DataFrame]:
        """Yield the rows that an action writes, in chunks that fit into memory."""

    def changed_input(self, action: Sessions) -> DataFrame:
        """Return the rows of the incremental input that changed, or that are in the dates of the action."""

    def all_input(self) -> DataFrame:
        """Return all rows of the incremental input."""

    def build(self, rows: DataFrame) -> DataFrame:
        """Return the table's rows made of these rows of the incremental input."""

    def most_rows(self) -> int:
        """Return the rows of the largest input; 0 where they are unknown."""

    def read(self, name: str) -> DataFrame:
        """Return all rows of an input."""

    def changed(self, name: str, since: int, columns: Sequence[str]) -> Iterator[DataFrame]:
        """Yield columns of the rows of an input that were added or removed after a version."""

    def pruned(self, action: Partitions, copied: Collection[str] = ()) -> dict[str, DataFrame]:
        """Return the input rows that some partitions are made of; inputs that are missing are read whole.

        Those in `copied` are read from the copies that are kept of them.
        """

    def divided(self, action: Partitions) -> list[Partitions]:
        """Return some partitions in parts, each made of input rows that fit into memory."""

    def scattered(self, rows: DataFrame, action: Partitions | None = None) -> dict[str, Hashable]:
        """Return the inputs that the query of some rows of the table reads from many small files.

        With an action these are rows of its partitions, and only inputs count that are pruned row by row: they are not
        partitioned by what is asked for. Each has a key that says which rows of which version of which table it is,
        whichever table they are read for.
        """

    def build_from(self, inputs: Mapping[str, DataFrame]) -> DataFrame:
        """Return the table's rows made of these rows of some inputs, and of all rows of the others."""


class WriteStrategy(Protocol):
    """How one write mode plans and writes a table. The mode's value validates and describes it."""

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Return what to write now that the inputs are as they are."""

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Write what an action of the plan asks for. Repeated, it changes nothing."""


def unsupported(writer: DeltaTableWriter, action: Action) -> ValueError:
    """Return the error of an action that the write mode of a table does not have."""
    mode = type(writer.table.write).__name__
    return ValueError(f"{writer.table.qualified_name} is written by {mode}, which has no {type(action).__name__}.")


def write_batches(
    writer: DeltaTableWriter, batches: Iterator[DataFrame], write: Callable[[DataFrame], WriteResult]
) -> WriteResult:
    """Write batches one after another. Where a gate stops one, it is written with all that come after it.

    What a day lacks may be in a later file; what a rule counts in the rows of one batch, later ones do not mend. The
    first batches of a table have no history, and are not judged by others.
    """
    result = WriteResult(0, 0)
    for rows in batches:
        try:
            result += write(rows)
        except WriteStoppedError as stop:
            later = [] if stop.rows_violating or not writer.row_count() else [*batches]
            if not later:
                raise
            try:
                result += write(reduce(lambda one, other: one.unionAll(other), later, rows))
            except QueryStalledError:
                raise
            except EngineMemoryError:
                raise stop from None
    return result

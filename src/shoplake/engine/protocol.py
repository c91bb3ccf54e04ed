"""What the house asks of a place where tables live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch


@dataclass(frozen=True)
class WriteResult:
    """What one write did, in rows: `rows_in = good + quarantined + duplicates`.

    `good` rows are in the table because of this write; `duplicates` repeat a row that is there, or that came with
    them, and `conflicts` are those among them that differ from it. `broken` counts the rows for each rule they break.
    """

    rows_read: int
    rows_written: int
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_conflicting: int = 0
    violations: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: WriteResult) -> WriteResult:
        """Two writes of one table taken together."""
        broken = {
            rule: self.violations.get(rule, 0) + other.violations.get(rule, 0)
            for rule in {*self.violations, *other.violations}
        }
        return WriteResult(
            self.rows_read + other.rows_read,
            self.rows_written + other.rows_written,
            self.rows_quarantined + other.rows_quarantined,
            self.rows_duplicate + other.rows_duplicate,
            self.rows_conflicting + other.rows_conflicting,
            broken,
        )


class Engine(Protocol):
    """Reads and writes tables. Sail and Spark each have one; tests have a dict."""

    def at(self, table: Table[...]) -> str:
        """Where the table lies."""

    def ensure(self, table: Table[...]) -> None:
        """Make the table and its quarantine, without rows, unless they are there."""

    def read(self, table: Table[...]) -> DataFrame:
        """All rows as they now stand; no rows if nothing was ever written."""

    def read_batches(self, table: Table[...], batches: Collection[str]) -> DataFrame:
        """The rows of a bronze table that arrived in `batches`."""

    def land(self, table: Table[...], batch: Batch) -> WriteResult:
        """Take the records of the batch's files into the bronze table, in place of an earlier attempt's."""

    def write(self, table: Table[...], rows: DataFrame, *, slices: Collection[object] | None = None) -> WriteResult:
        """Take `rows` into `table` the way it declares, bad rows into its quarantine.

        `slices` are the values of a replaced table's `by` column to put in place; None means all of it.
        """

    def rows(self, table: Table[...]) -> int:
        """How many rows the table has."""

    def version(self, table: Table[...]) -> int:
        """The number of its last commit."""

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
class Written:
    """What one write did, in rows: `rows_in = good + quarantined + duplicates`.

    `good` rows are in the table because of this write; `duplicates` repeat a row that is there, or that came with
    them, and `conflicts` are those among them that differ from it. `broken` counts the rows for each rule they break.
    """

    rows_in: int
    good: int
    quarantined: int = 0
    duplicates: int = 0
    conflicts: int = 0
    broken: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Written) -> Written:
        """Two writes of one table taken together."""
        broken = {rule: self.broken.get(rule, 0) + other.broken.get(rule, 0) for rule in {*self.broken, *other.broken}}
        return Written(
            self.rows_in + other.rows_in,
            self.good + other.good,
            self.quarantined + other.quarantined,
            self.duplicates + other.duplicates,
            self.conflicts + other.conflicts,
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

    def land(self, table: Table[...], batch: Batch) -> Written:
        """Take the records of the batch's files into the bronze table, in place of an earlier attempt's."""

    def write(self, table: Table[...], rows: DataFrame, *, slices: Collection[object] | None = None) -> Written:
        """Take `rows` into `table` the way it declares, bad rows into its quarantine.

        `slices` are the values of a replaced table's `by` column to put in place; None means all of it.
        """

    def rows(self, table: Table[...]) -> int:
        """How many rows the table has."""

    def version(self, table: Table[...]) -> int:
        """The number of its last commit."""

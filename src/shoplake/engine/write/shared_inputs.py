"""Input rows that several tables of a run, or several parts of one query, are made of, staged once."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from shoplake.declare import Replace
from shoplake.engine.write.once_cache import OnceCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.write.staging.staging_area import StagingArea


@dataclass(frozen=True)
class WholeTable:
    """All rows of a version of the table with this path."""

    path: str
    version: int
    table: Table[...] = field(compare=False, repr=False)


BYTES_PER_FILE = 12_000
"""Bytes of a table that are copied in the time in which a file is opened: about a millisecond."""


def count_reads(rows: DataFrame, path: str) -> int:
    """Count how often the query that computes some rows reads the table in a folder: each part of it does so anew."""
    query = cast("Any", rows)._plan.to_proto(rows.sparkSession.client)
    return bytes(query.SerializeToString()).count(path.encode())


def reads_whole_inputs(table: Table[...]) -> bool:
    """Whether an update of the table reads all rows of inputs: it has no days, or finds the rows by their keys."""
    mode = table.write
    return isinstance(mode, Replace) and (mode.partition_by is None or mode.rebuild_keys is not None)


class SharedInputs:
    """Staged rows by what they are, kept until the end of `share`; outside of it each write stages its own."""

    def __init__(self) -> None:
        self._areas: ExitStack | None = None
        self._staged = OnceCache["DataFrame"]()
        self._copies = OnceCache["DataFrame"]()
        self._readers = Counter[str]()

    @contextmanager
    def share(self, tables: Iterable[Table[...]] = ()) -> Iterator[None]:
        """Share what is staged inside `with`, and remove it afterwards. `tables` may be updated there."""
        self._readers = Counter(name for table in tables if reads_whole_inputs(table) for name in table.inputs)
        with ExitStack() as self._areas:
            try:
                yield
            finally:
                self._areas, self._staged, self._readers = None, OnceCache(), Counter()
                self._copies = OnceCache()

    def other_readers(self, table: Table[...]) -> int:
        """How many tables, beside the one that is written, may read all rows of this one before the end of `share`."""
        return max(0, self._readers[table.name] - 1)

    def is_read_whole(self, table: Table[...]) -> bool:
        """Whether a table that may be updated before the end of `share` may read all rows of this one."""
        return self._readers[table.name] > 0

    def copy_once(self, key: Hashable, read: Callable[[], DataFrame]) -> DataFrame:
        """Return the rows of the copy of a table, which `read` brings up to date once a key."""
        return self._copies.get(key, read)

    def stage(
        self, key: Hashable, rows: DataFrame, name: str, own: StagingArea, create: Callable[[], StagingArea]
    ) -> DataFrame:
        """Return the rows of a key, staged under a name: in an area of their own, or else in that of the write.

        Rows of the same key are the same rows.
        """
        areas = self._areas
        if areas is None:
            return own.materialize(rows, name)
        return self._staged.get(key, lambda: areas.enter_context(create()).materialize(rows, name))

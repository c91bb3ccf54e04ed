"""Input rows that several tables of a run, or several parts of one query, are made of, staged once."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

from shoplake.engine.write.once_cache import OnceCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from pyspark.sql import DataFrame

    from shoplake.engine.write.staging.staging_area import StagingArea


BYTES_PER_FILE = 12_000
"""Bytes of a table that are copied in the time in which a file is opened: about a millisecond."""


def count_reads(rows: DataFrame, path: str) -> int:
    """Count how often the query that computes some rows reads the table in a folder: each part of it does so anew."""
    query = cast("Any", rows)._plan.to_proto(rows.sparkSession.client)
    return bytes(query.SerializeToString()).count(path.encode())


class SharedInputs:
    """Staged rows by what they are, kept until the end of `share`; outside of it each write stages its own."""

    def __init__(self) -> None:
        self._areas: ExitStack | None = None
        self._staged = OnceCache["DataFrame"]()

    @contextmanager
    def share(self) -> Iterator[None]:
        """Share what is staged inside `with`, and remove it afterwards."""
        with ExitStack() as self._areas:
            try:
                yield
            finally:
                self._areas, self._staged = None, OnceCache()

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

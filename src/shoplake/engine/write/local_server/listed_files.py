"""Reads a table from the files that its log names: Spark would read the log, and skip files, by several jobs."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyspark.sql.types import StructType

from shoplake.engine.storage import delta_log
from shoplake.engine.storage.table_cache import data_files, open_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame, SparkSession

MAX_FILES = 500
"""Files that a query names; of more, the engine reads the log."""
NOT_PLAIN = frozenset("{}[]*?\\%")
"""Characters that mean something else in a path that Spark reads."""
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The folder of rows whose partition is null."""


class ListedFiles:
    """Whether the queries of a session name the files of the tables that they read: inside `list_files`.

    Such rows stay those of the version that was current when `read` was called, until a vacuum removes the files.
    """

    def __init__(self, max_files: int = MAX_FILES) -> None:
        self._max_files = max_files
        self._is_on = False

    @contextmanager
    def list_files(self) -> Iterator[None]:
        """Name files inside `with`."""
        self._is_on = True
        try:
            yield
        finally:
            self._is_on = False

    def read(self, session: SparkSession, path: str) -> DataFrame | None:
        """Return all rows of the current version; None where the engine has to read the log."""
        return read_listed_files(session, path, self._max_files) if self._is_on else None


def read_listed_files(session: SparkSession, path: str, max_files: int = MAX_FILES) -> DataFrame | None:
    """Return all rows of the current version; None where only the engine can read them.

    That is a table with deletion vectors or other names in its files, one with many files, and one whose paths do not
    say a partition as the log does: of other values than plain ones, writers make different paths.
    """
    table, files = open_table(path), delta_log.file_paths(path)
    if len(files) > max_files or table.protocol().min_reader_version > 1:
        return None
    if NOT_PLAIN & set("".join((path, *files))) or not _is_in_paths(path, files, table.metadata().partition_columns):
        return None
    schema = StructType.fromJson(json.loads(table.schema().to_json()))
    if not files:
        return session.createDataFrame([], schema)
    reader = session.read.schema(schema).option("basePath", path)
    return reader.parquet(*[f"{path}/{file}" for file in files]).select(*schema.names)


def _is_in_paths(path: str, files: Sequence[str], partition_by: Sequence[str]) -> bool:
    """Whether the folders of each file say the values that the log has for it, and nothing else."""
    known = data_files(path)
    values = zip(*[known.column(f"partition.{name}").to_pylist() for name in partition_by], strict=True)
    for file, its in zip(files, values if partition_by else [()] * len(files), strict=True):
        cells = zip(partition_by, its, strict=True)
        folders = [f"{name}={NO_VALUE if value is None else value}" for name, value in cells]
        if file.split("/")[:-1] != folders:
            return False
    return True

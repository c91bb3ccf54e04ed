"""Few rows that a Spark server computes are fetched and written here: its own writes take longer than its queries.

They are computed in one partition, so that most queries are one task without an exchange.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import PySparkException

from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage.table_cache import open_table
from shoplake.errors import CommitError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

Mode = Literal["append", "overwrite"]
FETCH_BELOW_ROWS = 100_000
"""Rows of the largest table below which results are fetched; more are written by the server, in several tasks."""
CODEC = "zstd"
FILE = "part-00000.parquet"
LIMIT = "spark.driver.maxResultSize"
"""What Spark names where results are too large to be fetched."""


class TooLargeError(Exception):
    """Results have few rows, and too many bytes to be fetched: the server has to write them."""


class FetchedRows:
    """Whether a process fetches what its server computes, and writes it to the files that the server would write."""

    def __init__(self, below_rows: int = FETCH_BELOW_ROWS) -> None:
        self._below_rows = below_rows
        self.is_on = False
        """Whether the tables have few rows; not until it is known how many they have."""

    def gather(self, rows: DataFrame) -> DataFrame:
        """Return rows that are read from files, few ones in one partition."""
        return rows.coalesce(1) if self.is_on else rows

    def commit(self, path: str, rows: DataFrame, mode: Mode, where: str | None = None) -> bool:
        """Commit few rows to a table (see `commit_rows`), and return whether that is done: else the server has to."""
        if self.is_on:
            with suppress(TooLargeError):
                retry_on_conflict(lambda: commit_rows(path, rows, mode, where))
                return True
        return False

    def stage(self, path: str, rows: DataFrame) -> StructType | None:
        """Write few rows to a folder, and return their schema; None where the server has to write them."""
        if self.is_on:
            with suppress(TooLargeError):
                return retry_on_conflict(lambda: stage_rows(path, rows))
        return None

    def expect_rows(self, count: int) -> bool:
        """Fetch from now on where no table has more than `count` rows and they are few; return whether they are."""
        self.is_on = count < self._below_rows
        return self.is_on


def commit_rows(path: str, rows: DataFrame, mode: Mode, where: str | None = None) -> None:
    """Append rows to a table, or overwrite those that satisfy `where`, or all, in one commit of Delta's library.

    Raises CommitError where the columns are others than the table's, or a column that needs a value has none, and
    TooLargeError where the server has to write them.
    """
    from deltalake import PostCommitHookProperties, write_deltalake  # a client of a catalog does without it

    fetched, _ = fetch(rows)
    table = open_table(path)
    wanted = pa.schema(table.schema().to_arrow())
    if set(wanted.names) != set(fetched.column_names):
        raise CommitError(f"{path} has the columns {wanted.names}, and its new rows {fetched.column_names}.")
    try:
        cells = fetched.select(wanted.names).cast(wanted)
    except (pa.ArrowInvalid, ValueError) as error:
        raise CommitError(f"New rows of {path} are not of its columns: {error}") from error
    hooks = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
    chosen = {} if where is None else {"predicate": where}
    write_deltalake(table, cells, mode=mode, post_commithook_properties=hooks, **chosen)  # type: ignore[call-overload]


def stage_rows(path: str, rows: DataFrame) -> StructType:
    """Write rows to a Parquet file in a folder; return their schema, as the server says it.

    Raises TooLargeError where the server has to write them.
    """
    fetched, schema = fetch(rows)
    Path(path).mkdir(parents=True, exist_ok=True)
    pq.write_table(fetched, f"{path}/{FILE}", compression=CODEC)
    return schema


def fetch(rows: DataFrame) -> tuple[pa.Table, StructType]:
    """Return rows and their schema by one request; `toArrow` asks for the schema by another one.

    Raises TooLargeError for more bytes than the server sends.
    """
    try:
        table, schema = rows._to_table()  # type: ignore[operator]  # of Spark Connect
    except PySparkException as error:
        if LIMIT in str(error):
            raise TooLargeError(LIMIT) from error
        raise
    return cast("pa.Table", table), cast("StructType", schema)

"""A connection to PostgreSQL through ADBC, whose errors name no password."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shoplake.serve.errors import ExportError
from shoplake.serve.export.extra import import_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from shoplake.serve.export.destinations.connection_url import ConnectionUrl

LOCK_NOT_AVAILABLE = "55P03"
EXPORT_LOCK = 7_463_567_025
"""The number of the advisory lock that one export at a time holds."""


class LockTimeoutError(ExportError):
    """Other sessions read or write what an export replaces, for longer than it waits."""


class PostgresSession:
    """Statements of one export. Nothing is visible to others before `commit`."""

    def __init__(self, url: ConnectionUrl) -> None:
        self._url = url
        self._driver = import_extra("adbc_driver_postgresql.dbapi", "An export to PostgreSQL")
        with self._translated():
            self._connection = self._driver.connect(url.value)
            self._cursor = self._connection.cursor()
        self.execute("SET standard_conforming_strings = on")

    def close(self) -> None:
        """Roll back what is not committed, and end the connection with its locks."""
        self._cursor.close()
        self._connection.close()

    def execute(self, statement: str) -> None:
        """Execute a statement without a result. Raises ExportError, LockTimeoutError."""
        with self._translated():
            self._cursor.execute(statement)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises ExportError."""
        with self._translated():
            self._cursor.execute(statement)
            rows: list[tuple[Any, ...]] = self._cursor.fetchall()
            return rows

    def ingest(self, schema: str, table: str, rows: pa.RecordBatchReader) -> int:
        """Append rows to a table with COPY; returns their number."""
        with self._translated():
            return int(self._cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema))

    def commit(self) -> None:
        """End the transaction and make it visible."""
        with self._translated():
            self._connection.commit()

    def rollback(self) -> None:
        """End the transaction without effect."""
        with self._translated():
            self._connection.rollback()

    def lock(self) -> None:
        """Hold the lock of exports until the connection ends. Raises ExportError where another export has it."""
        if not self.query(f"SELECT pg_try_advisory_lock({EXPORT_LOCK})")[0][0]:
            raise ExportError(f"Another export is writing to {self._url.label}. Wait until it has finished.")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._driver.Error as error:
            kind = LockTimeoutError if getattr(error, "sqlstate", None) == LOCK_NOT_AVAILABLE else ExportError
            reason = self._url.mask(" ".join(str(error).split()))
            raise kind(f"PostgreSQL at {self._url.label}: {reason}") from None


def quote_name(*parts: str) -> str:
    """Return a name, with its schema before it, as SQL."""
    return ".".join('"{}"'.format(part.replace('"', '""')) for part in parts)


def quote_text(text: str) -> str:
    """Return a text as SQL."""
    return "'{}'".format(text.replace("\0", "").replace("'", "''"))

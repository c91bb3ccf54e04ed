"""The database of keys: SQLite in WAL, readable only by its owner, one connection per thread."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoplake.serve.sqlite import connect

TABLES = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, hash BLOB UNIQUE NOT NULL, role TEXT NOT NULL, label TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    hash BLOB PRIMARY KEY, holder TEXT NOT NULL, role TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS logins (
    hash BLOB PRIMARY KEY, role TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
    at INTEGER NOT NULL, holder TEXT NOT NULL, role TEXT NOT NULL, route TEXT NOT NULL, subject TEXT NOT NULL,
    request_id TEXT NOT NULL) STRICT;
"""
OWNER_ONLY = 0o600
BATCH = 128
"""Rows that one statement inserts."""


class KeyDatabase:
    """The tables keys, sessions, logins and audit in one file. Times in it are seconds since 1970 (UTC)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._by_thread = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(OWNER_ONLY)
        path.chmod(OWNER_ONLY)
        self.connection.executescript(f"PRAGMA journal_mode=WAL; {TABLES}")

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of this thread; each statement commits at once."""
        known: sqlite3.Connection | None = getattr(self._by_thread, "connection", None)
        if known is None:
            known = self._by_thread.connection = connect(self.path, timeout=10, isolation_level=None)
            known.execute("PRAGMA synchronous=NORMAL")
        return known

    def close(self) -> None:
        """Close the connection of this thread."""
        self.connection.close()
        del self._by_thread.connection

    def data_version(self) -> int:
        """Return a number that changes whenever another connection, of this process or not, has changed the database.

        The number differs by thread and says nothing by itself.
        """
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one statement with bound values."""
        return self.connection.execute(statement, values).fetchall()

    def insert_many(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows into a table in one transaction.

        Python gives up its lock at each call of SQLite, and waits for another thread that takes it: rows that are
        inserted one by one cost the requests of that time more than the rows themselves.
        """
        with self.connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                places = f"({', '.join('?' * len(batch[0]))})"
                values = ", ".join([places] * len(batch))
                connection.execute(f"INSERT INTO {table} VALUES {values}", [each for row in batch for each in row])

"""Rows to look up by key: SQLite in WAL, one JSON document a row, changed keys alone upserted.

A document has the number of the build that wrote it, so that a reader of an earlier generation still sees the earlier
document. A deleted one is null. Documents that no generation can see any more are deleted two builds later.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from shoplake.declare import Table
from shoplake.serve.errors import StoreGoneError
from shoplake.serve.sqlite import connect
from shoplake.serve.store.connection import connect_build
from shoplake.serve.store.json_columns import json_row, quoted
from shoplake.serve.store.table_files import ROWS

FILE = "documents.sqlite"
SEPARATOR = "\x1f"
BATCH = 10_000
NO_TABLE = "no such table"
FIND = "(SELECT document FROM {} WHERE key = ? AND build <= {} ORDER BY build DESC LIMIT 1)"
MOST = 32
"""Keys that one statement looks up. It has a power of two of places, so that few statements are prepared."""
LONE = 16
PAGE_BYTES = 8192
"""Rows have numbers, and keys an index beside them: a look-up then reads one page of each. In a table without numbers
inner pages hold whole rows, and a look-up among a million reads six."""
CACHE_KIB = 8192
"""What a thread that reads keeps in memory: the inner pages of the trees of some million keys."""


class DocumentWriter:
    """Writes the documents of one build in one transaction."""

    def __init__(self, folder: Path, build: int) -> None:
        self._folder, self._build = folder, build
        self._connection = connect(folder / FILE, isolation_level=None, timeout=30)
        self._connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("BEGIN IMMEDIATE")

    def upsert(self, table: Table[...], file: Path, former: Path | None) -> int:
        """Write the documents of rows that differ from those in the former file; return how many."""
        name = quoted(table.qualified_name)
        self._connection.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (key TEXT, build INTEGER, document BLOB, PRIMARY KEY (key, build))"
        )
        is_complete = former is not None and self._connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
        if former is None or not is_complete:
            self._connection.execute(f"DELETE FROM {name}")
        changed = 0
        with connect_build(self._folder) as rows:
            rows.execute(_changed_documents(rows, table, file, former if is_complete else None))
            while batch := rows.fetchmany(BATCH):
                documents = [(key, self._build, None if text is None else text.encode()) for key, text in batch]
                self._connection.executemany(f"INSERT OR REPLACE INTO {name} VALUES (?, ?, ?)", documents)
                changed += len(batch)
        return changed

    def prune(self, table: Table[...]) -> None:
        """Delete documents that the last two builds do not see."""
        name, oldest = quoted(table.qualified_name), self._build - 1
        self._connection.execute(
            f"DELETE FROM {name} WHERE build < ? AND (EXISTS "
            f"(SELECT 1 FROM {name} AS later WHERE later.key = {name}.key AND later.build > {name}.build "
            "AND later.build <= ?) OR document IS NULL)",
            (oldest, oldest),
        )

    def commit(self) -> None:
        """Make the documents of the build visible."""
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._connection.close()


class DocumentReader:
    """Reads the documents as one build sees them; each thread has a connection of its own."""

    def __init__(self, folder: Path, build: int) -> None:
        self._path, self._build, self._by_thread = folder / FILE, build, threading.local()
        self._statements = dict[tuple[str, int], str]()

    def read(self, table: str, keys: Sequence[Sequence[str]]) -> Sequence[bytes | None]:
        """Return the documents of at most `MOST` keys in their order; None where no row has the key.

        Raises StoreGoneError where the store was deleted and is not built again.
        """
        try:
            return self._read(table, keys)
        except sqlite3.OperationalError as error:
            self._by_thread.connection = None
            if self._path.is_file() and NO_TABLE not in str(error):
                raise
            raise StoreGoneError from error

    def _read(self, table: str, keys: Sequence[Sequence[str]]) -> Sequence[bytes | None]:
        connection: sqlite3.Connection | None = getattr(self._by_thread, "connection", None)
        if connection is None:
            uri = f"file:{self._path}?mode=ro"
            connection = self._by_thread.connection = connect(uri, uri=True, timeout=10)
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        places = 1 << (len(keys) - 1).bit_length()
        if (statement := self._statements.get((table, places))) is None:
            one = FIND.format(quoted(table), self._build)
            statement = self._statements[table, places] = f"SELECT {', '.join([one] * places)}"
        values = [*map(SEPARATOR.join, keys), *[None] * (places - len(keys))]
        found: Sequence[bytes | None] = connection.execute(statement, values).fetchone()
        return found


async def _known(document: bytes | None) -> bytes | None:
    return document


class _Batch(NamedTuple):
    """Look-ups that wait in one turn of an event loop, by table."""

    loop: asyncio.AbstractEventLoop
    waiting: dict[str, list["_LookUp"]]


class _LookUp(NamedTuple):
    key: Sequence[str]
    found: "asyncio.Future[bytes | None]"


class DocumentBatches:
    """Reads documents for an event loop, with one statement for those that are looked up in one of its turns.

    Python gives its lock away at each call of SQLite, seven times a statement, and each time the thread that waits for
    requests wakes up and takes it, or finds it taken. That costs more than the reading. After `LONE` look-ups that were
    alone in their turns only one of `LONE` waits for others; the rest are read at once.
    """

    def __init__(self, documents: DocumentReader) -> None:
        self._documents = documents
        self._batch: _Batch | None = None
        self._lone = 0
        """Look-ups since the last one that was not alone."""

    def read(self, table: str, key: Sequence[str]) -> Awaitable[bytes | None]:
        """Return the document of a key, None where no row has it, as something to wait for."""
        if self._batch is None and self._lone >= LONE and self._lone % LONE:
            self._lone += 1
            return _known(self._documents.read(table, [key])[0])
        loop, batch = asyncio.get_running_loop(), self._batch
        if batch is None or batch.loop is not loop:
            batch = self._batch = _Batch(loop, {})
            loop.call_soon(self._answer, batch)
        found = loop.create_future()
        batch.waiting.setdefault(table, []).append(_LookUp(key, found))
        return found

    def _answer(self, batch: _Batch) -> None:
        self._batch = None
        is_alone = sum(map(len, batch.waiting.values())) == 1
        self._lone = self._lone + 1 if is_alone else 0
        for table, waiting in batch.waiting.items():
            for start in range(0, len(waiting), MOST):
                self._answer_together(table, waiting[start : start + MOST])

    def _answer_together(self, table: str, waiting: Sequence[_LookUp]) -> None:
        """Answer look-ups. Where they cannot be read together, each is read by itself and has its own error."""
        try:
            documents = self._documents.read(table, [each.key for each in waiting])
        except Exception as error:
            if len(waiting) > 1:
                for each in waiting:
                    self._answer_together(table, [each])
            elif not waiting[0].found.done():
                waiting[0].found.set_exception(error)
            return
        for each, document in zip(waiting, documents, strict=False):
            if not each.found.done():  # nobody waits any more for a request that was cancelled
                each.found.set_result(document)


def _changed_documents(rows: duckdb.DuckDBPyConnection, table: Table[...], file: Path, former: Path | None) -> str:
    """Return the query of keys and documents that differ; the document of a key that is gone is null."""
    rows.execute(f"ATTACH '{file}' AS new (READ_ONLY)")
    key = f" || '{SEPARATOR}' || ".join(f"CAST({quoted(each)} AS VARCHAR)" for each in table.key)
    select = f"SELECT {key} AS key, {json_row(table.columns)}::VARCHAR AS document FROM {{}}.{ROWS}"
    if former is None:
        return select.format("new")
    rows.execute(f"ATTACH '{former}' AS former (READ_ONLY)")
    new, old = select.format("new"), select.format("former")
    return (
        f"({new} EXCEPT {old}) UNION ALL SELECT key, NULL FROM (SELECT key FROM ({old}) EXCEPT SELECT key FROM ({new}))"
    )

"""A generation opened for reading: DuckDB files attached read-only in memory, documents in SQLite."""

import warnings
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from shoplake.declare import Table
from shoplake.engine import arrow_schema
from shoplake.errors import UnknownTableError
from shoplake.serve.store.connection import connect_memory
from shoplake.serve.store.documents import DocumentBatches, DocumentReader
from shoplake.serve.store.json_columns import quoted
from shoplake.serve.store.pointer import Pointer
from shoplake.serve.store.served_tables import has_personal, visible_tables
from shoplake.serve.store.table_files import ROWS

warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
"""A relation makes no copy of its rows, but is planned twice: for answers of some hundred rows that costs more."""
BATCH_ROWS = 10_000
DECLARED = "declared"
TIMED_OUT = "maximum execution time"


class QueryTimeoutError(Exception):
    """A query ran longer than it may."""


class OpenGeneration:
    """One generation, with or without personal columns.

    Files with personal columns are not even attached where they are not to be seen. Queries reach no file, no network
    and no setting; each ends after `timeout_s` seconds, and all together use at most `memory_limit` bytes.
    """

    def __init__(
        self,
        folder: Path,
        pointer: Pointer,
        tables: Mapping[str, Table[...]],
        *,
        with_personal: bool,
        timeout_s: float = 10.0,
        memory_limit: int = 256 * 2**20,
    ) -> None:
        self._pointer, self._with_personal = pointer, with_personal
        declared = {name: table for name, table in tables.items() if name in pointer.files}
        self.tables: dict[str, Table[...]] = visible_tables(declared, with_personal=with_personal)
        self._hidden = set() if with_personal else {name for name, table in declared.items() if has_personal(table)}
        self._documents = DocumentBatches(DocumentReader(folder, pointer.build))
        self._connection = connect_memory(
            threads=1,
            memory_limit=f"{memory_limit}B",
            max_temp_directory_size="0B",
            max_execution_time=int(timeout_s * 1000),
            python_enable_replacements=False,
        )
        missing = {name: table for name, table in tables.items() if name not in pointer.files}
        self._create_empty(visible_tables(missing, with_personal=with_personal))
        self._attach(folder)

    def _create_empty(self, missing: Mapping[str, Table[...]]) -> None:
        """Create tables that the lake lacks, such as the products of a feed without a catalogue: answers join them."""
        for name, table in missing.items():
            layer, _, short = name.partition(".")
            self._connection.register(DECLARED, arrow_schema(table).empty_table())
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(layer)}")
            self._connection.execute(f"CREATE TABLE {quoted(layer)}.{quoted(short)} AS SELECT * FROM {DECLARED}")
            self._connection.unregister(DECLARED)

    def _attach(self, folder: Path) -> None:
        for number, (name, files) in enumerate(sorted(self._pointer.files.items())):
            if name not in self.tables:
                continue
            file = str(folder / files.choose(with_personal=self._with_personal)).replace("'", "''")
            layer, _, table = name.partition(".")
            self._connection.execute(f"ATTACH '{file}' AS file_{number} (READ_ONLY)")
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(layer)}")
            self._connection.execute(
                f"CREATE VIEW {quoted(layer)}.{quoted(table)} AS SELECT * FROM file_{number}.main.{ROWS}"
            )
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self._connection.execute(f"SET {setting}")

    @cached_property
    def id(self) -> str:
        """A short hash of the versions; equal ids give equal answers."""
        return self._pointer.id

    @property
    def versions(self) -> Mapping[str, int]:
        """Table name, as `gold.sales_daily`, to its Delta version."""
        return self._pointer.versions

    @property
    def as_of(self) -> datetime:
        """When the run started (UTC): files that arrived later are not in it."""
        return self._pointer.as_of

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query with bound `?` parameters. Raises QueryTimeoutError."""
        try:
            return self._connection.cursor().execute(sql, list(parameters)).to_arrow_table()
        except duckdb.InterruptException as error:
            raise QueryTimeoutError(str(error)) from error

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> pa.RecordBatchReader:
        """Return the rows of a query, batch by batch, however many there are. Raises QueryTimeoutError."""
        try:
            cursor = self._connection.cursor()
            relation = cursor.sql(sql, params=list(parameters)) if parameters else cursor.sql(sql)
            return relation.to_arrow_reader(BATCH_ROWS)
        except duckdb.InterruptException as error:
            raise QueryTimeoutError(str(error)) from error

    def document(self, table: str, key: tuple[str, ...]) -> Awaitable[bytes | None]:
        """Return one row of a look-up table as a JSON document; None where no row has the key.

        It is waited for in an event loop, whose look-ups of one turn are read together.

        Raises UnknownTableError for a table that is not there, or whose documents have personal columns hidden here.
        """
        if table not in self.tables or table in self._hidden:
            raise UnknownTableError(table, [name for name in self.tables if name not in self._hidden])
        return self._documents.read(table, key)

"""One DuckDB file with a schema per layer, in a storage format that DuckDB 1.0 and later read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.atomic import part_path, publish, remove, remove_leftovers
from shoplake.serve.export.destinations.destination import WrittenRows
from shoplake.serve.export.extra import import_extra
from shoplake.serve.export.manifest import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.serve.export.manifest import Manifest
    from shoplake.serve.export.table_rows import TableRows

STORAGE_VERSION = "v1.0.0"
"""The oldest format that DuckDB 2 writes; by default its files are unreadable for DuckDB 1."""


class DuckdbDestination:
    """A DuckDB file that the export replaces whole; processes that have the old one open keep reading it."""

    format = "duckdb"

    def __init__(self, file: Path, memory_limit: str = "1GiB") -> None:
        self.label = str(file)
        self._file, self._memory_limit = file.resolve(), memory_limit
        self._part = part_path(self._file)
        self._duckdb: Any = None
        self._connection: Any = None

    def __enter__(self) -> Self:
        self._duckdb = import_extra("duckdb", "An export to DuckDB")
        self._check_replaceable()
        remove_leftovers(self._file)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._remove_part()
        limits = {"threads": 2, "memory_limit": self._memory_limit, "temp_directory": f"{self._part}-spill"}
        self._connection = self._duckdb.connect(config=limits)
        path = _text(str(self._part))
        self._connection.execute(f"ATTACH {path} AS export (STORAGE_VERSION '{STORAGE_VERSION}')")
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
        self._remove_part()

    def write(self, rows: TableRows) -> WrittenRows:
        """Create the table with its rows and the definitions of its columns."""
        table = f"export.{_name(rows.table.layer)}.{_name(rows.table.name)}"
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS export.{_name(rows.table.layer)}")
        count = self._create(table, pa.RecordBatchReader.from_batches(rows.schema, rows.read()))
        self._connection.execute(f"COMMENT ON TABLE {table} IS {_text(rows.table.doc)}")
        for column in rows.columns:
            comment = f"COMMENT ON COLUMN {table}.{_name(column.name)} IS {_text(column.meaning)}"
            self._connection.execute(comment)
        return WrittenRows(count)

    def publish(self, manifest: Manifest) -> list[str]:
        """Put the file in its place."""
        for name, table in manifest.described_by():
            self._create(f"export.main.{_name(name)}", table)
        self._connection.execute("DETACH export")
        publish(self._part, self._file)
        return []

    def _create(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> int:
        self._connection.register("arrow_rows", rows)
        self._connection.execute(f"CREATE TABLE {table} AS SELECT * FROM arrow_rows")
        self._connection.unregister("arrow_rows")
        [(count,)] = self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)

    def _check_replaceable(self) -> None:
        """Raise ExportError where the file exists and no export wrote it."""
        if not self._file.exists():
            return
        try:
            with self._duckdb.connect(str(self._file), read_only=True) as connection:
                connection.execute(f"SELECT count(*) FROM main.{TABLES}").fetchall()
        except self._duckdb.Error as error:
            raise ExportError(
                f"'{self.label}' exists, and no export wrote it. Name a new file: an export replaces its file whole."
            ) from error

    def _remove_part(self) -> None:
        for suffix in ("", ".wal", "-spill"):
            remove(self._part.with_name(self._part.name + suffix))


def _name(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))


def _text(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))

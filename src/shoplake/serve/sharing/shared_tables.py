"""The tables that are shared: which a role may read, and the data files of their versions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa

from shoplake.errors import TableNotFoundError, UnknownTableError
from shoplake.serve.errors import FilesGoneError
from shoplake.serve.export.source import load_version
from shoplake.serve.store.served_tables import has_personal

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from shoplake.declare import Table
    from shoplake.serve.export.source import SourceLake
    from shoplake.serve.store.generation import Generation

LAYERS = ("silver", "gold")
PARTITION = "partition."
MAX_OPEN = 128
MAX_READER_VERSION = 1
"""The features of Delta that a reader of plain Parquet files needs: none."""


class NotShareableError(Exception):
    """A table needs features of Delta that files alone do not have, or has columns that are not declared."""


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of a table, by its path in the table's folder."""

    path: str
    size: int
    rows: int
    partition_values: dict[str, str | None]


@dataclass(frozen=True)
class SharedTable:
    """A version of a table: what a client needs to read its files."""

    name: str
    version: int
    """The version that a client sees: that of the last finished run."""
    id: str
    schema_json: str
    partition_by: tuple[str, ...]
    description: str
    files: tuple[DataFile, ...]


class SharedTables:
    """Tables of silver and gold. Files are handed out whole, so those with personal columns need a role that sees them.

    Versions that were read are kept, the least recently used forgotten first.
    """

    def __init__(self, lake: SourceLake) -> None:
        self._lake, self._lock = lake, threading.Lock()
        self._declared = {table.qualified_name: table for table in lake.catalog.ordered}
        self._open: OrderedDict[tuple[str, int], SharedTable] = OrderedDict()

    def names(self, generation: Generation, *, with_personal: bool) -> list[str]:
        """Return the names, as `layer.table`, of the tables of a generation that may be read."""
        return [
            name
            for name, table in self._declared.items()
            if name in generation.versions and table.layer in LAYERS and (with_personal or not has_personal(table))
        ]

    def read(self, generation: Generation, name: str, *, with_personal: bool) -> SharedTable:
        """Return a table of a generation.

        Raises UnknownTableError for one that is not there or may not be read, as if there were none, FilesGoneError
        for one whose folder is gone, and NotShareableError.
        """
        known = self.names(generation, with_personal=with_personal)
        if name not in known:
            raise UnknownTableError(name, known)
        return self.version(name, generation.versions[name])

    def version(self, name: str, version: int) -> SharedTable:
        """Return one version of a table. Raises FilesGoneError and NotShareableError."""
        with self._lock:
            key = (name, version)
            if key not in self._open:
                self._open[key] = self._load(self._declared[name], version)
                while len(self._open) > MAX_OPEN:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return self._open[key]

    def folder(self, name: str) -> str:
        """Return the folder of a table."""
        return self._lake.path(name)

    def has_personal(self, name: str) -> bool:
        """Whether a table has personal columns."""
        return has_personal(self._declared[name])

    def _load(self, table: Table[...], version: int) -> SharedTable:
        try:
            handle = load_version(self._lake, table, version)
        except TableNotFoundError as error:
            raise FilesGoneError(table.qualified_name) from error
        if handle.protocol().min_reader_version > MAX_READER_VERSION:
            raise NotShareableError(f"{table.qualified_name} has features of Delta that its files alone do not have.")
        schema = handle.schema()
        undeclared = {field.name for field in schema.fields} - {column.name for column in table.columns}
        if undeclared:
            names = ", ".join(sorted(undeclared))
            raise NotShareableError(
                f"{table.qualified_name} has columns that are not declared ({names}): shoplake plan"
            )
        metadata = handle.metadata()
        return SharedTable(
            table.qualified_name,
            version,
            str(metadata.id),
            schema.to_json(),
            tuple(metadata.partition_columns),
            table.summary,
            tuple(_data_files(handle)),
        )


def _data_files(handle: DeltaTable) -> list[DataFile]:
    rows: list[dict[str, Any]] = pa.table(handle.get_add_actions(flatten=True)).to_pylist()
    return [
        DataFile(
            unquote(row["path"]),
            row["size_bytes"],
            row["num_records"] or 0,
            {name.removeprefix(PARTITION): _text(value) for name, value in row.items() if name.startswith(PARTITION)},
        )
        for row in rows
    ]


def _text(value: Any) -> str | None:
    """Return a partition value as Delta writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)

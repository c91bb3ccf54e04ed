"""A folder of Parquet or CSV files: `<layer>/<table>.parquet`, and `_shoplake.parquet` that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from shoplake.serve.errors import ExportError
from shoplake.serve.export.cells import flatten_batch, format_times, neutralize_formulas
from shoplake.serve.export.destinations.atomic import part_path, publish, remove, remove_leftovers
from shoplake.serve.export.destinations.destination import WrittenRows
from shoplake.serve.export.manifest import COLUMNS, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from shoplake.serve.export.manifest import Manifest
    from shoplake.serve.export.table_rows import TableRows


class FolderDestination:
    """A folder that the export replaces whole."""

    def __init__(self, folder: Path, format: Literal["parquet", "csv"]) -> None:
        self.format: str = format
        self.label = str(folder)
        self._folder = folder.resolve()
        self._part = part_path(self._folder)

    def __enter__(self) -> Self:
        if self._folder.exists() and not self._folder.is_dir():
            raise ExportError(f"'{self.label}' is a file. Name a folder for {self.format} files.")
        if other := self._other_file():
            raise ExportError(
                f"'{self.label}' has '{other}', which no export wrote. Name a new folder: an export replaces its "
                "folder whole."
            )
        remove_leftovers(self._folder)
        self._part.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        remove(self._part)

    def write(self, rows: TableRows) -> WrittenRows:
        """Write the file of one table."""
        path = self._part / rows.table.layer / f"{rows.table.name}.{self.format}"
        path.parent.mkdir(exist_ok=True)
        return WrittenRows(self._write_file(path, rows.read(), rows.schema))

    def publish(self, manifest: Manifest) -> list[str]:
        """Put the folder in its place."""
        for name, table in manifest.described_by():
            self._write_file(self._part / f"{name}.{self.format}", table.to_batches(), table.schema)
        publish(self._part, self._folder)
        return []

    def _write_file(self, path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
        return _write_csv(path, batches, schema) if self.format == "csv" else _write_parquet(path, batches, schema)

    def _other_file(self) -> str | None:
        """Return the first file in the folder that an earlier export did not write, relative to the folder."""
        if not self._folder.is_dir():
            return None
        known = _exported_files(self._folder)
        files = sorted(path for path in self._folder.rglob("*") if not path.is_dir() or path.is_symlink())
        return next((str(path.relative_to(self._folder)) for path in files if path not in known), None)


def _exported_files(folder: Path) -> set[Path]:
    """Return the files of the export in a folder, by its `_shoplake` file; none where it is no export."""
    for format in ("parquet", "csv"):
        path = folder / f"{TABLES}.{format}"
        if path.is_file():
            names = _table_names(path)
            files = [f"{name.replace('.', '/', 1)}.{format}" for name in names]
            return {folder / each for each in (*files, f"{TABLES}.{format}", f"{COLUMNS}.{format}")}
    return set()


def _table_names(path: Path) -> list[str]:
    try:
        table = pa.csv.read_csv(path) if path.suffix == ".csv" else pq.read_table(path)
        return [str(name) for name in table.column("table_name").to_pylist()]
    except (pa.ArrowInvalid, KeyError):
        return []


def _write_parquet(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _write_csv(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> int:
    count = 0
    columns = _csv_batch(pa.RecordBatch.from_pylist([], schema)).schema
    with pa.csv.CSVWriter(path, columns) as writer:
        for batch in batches:
            writer.write_batch(_csv_batch(batch))
            count += batch.num_rows
    return count


def _csv_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    return format_times(neutralize_formulas(flatten_batch(batch)))

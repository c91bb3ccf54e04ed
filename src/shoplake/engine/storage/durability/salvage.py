"""Read what is readable of a table's data files, whatever its log says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from shoplake.engine.storage.durability.log_folder import is_whole_parquet
from shoplake.engine.storage.integrity import sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def readable_rows(
    folders: Iterable[Path], schema: pa.Schema, checksums: Mapping[str, str] | None = None, below: str = "."
) -> pa.Table:
    """Return the rows, each once, of all Parquet files `below` these table folders that are whole.

    `checksums` has the SHA-256 of files as they were written, by their path in the table's folder: a file that differs
    is left out. Columns that a file does not have are null. Files that no version of the table names are read too.
    """
    parts = [schema.empty_table()]
    for folder in folders:
        for path in sorted((folder / below).rglob("*.parquet")):
            name = path.relative_to(folder).as_posix()
            if name.startswith("_delta_log/") or not is_whole_parquet(path):
                continue
            if checksums and checksums.get(name, "") not in ("", sha256(str(path))):
                continue
            if (found := read_whole(path)) is not None:
                parts.append(_conformed(found, schema))
    rows = pa.concat_tables(parts)
    return rows.group_by(schema.names).aggregate([]).select(schema.names).cast(schema)


def read_whole(path: Path) -> pa.Table | None:
    """All rows of a Parquet file; None where a value cannot be read or is not valid text."""
    try:
        rows = pq.ParquetFile(path).read()
        rows.validate(full=True)
    except (OSError, pa.ArrowException):
        return None
    return rows


def _conformed(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        rows.column(field.name).cast(field.type) if field.name in rows.column_names else pa.nulls(len(rows), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)

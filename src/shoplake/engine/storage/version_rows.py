"""The rows of a loaded version of a Delta table, read without a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.engine.library_errors import library_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from deltalake import DeltaTable

BATCH_ROWS = 65_536


def version_schema(table: DeltaTable) -> pa.Schema:
    """Return names and Arrow types of the columns of the loaded version."""
    return pa.schema(table.schema().to_arrow())


def scan_version(table: DeltaTable, columns: Sequence[str], batch_rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the loaded version in batches of about `batch_rows`, with types of `version_schema`.

    Raises FileNotFoundError where data files are deleted.
    """
    from deltalake import QueryBuilder

    schema = pa.schema([version_schema(table).field(name) for name in columns])
    names = ", ".join('"{}"'.format(name.replace('"', '""')) for name in columns)
    pending: list[pa.RecordBatch] = []
    count = 0
    try:
        stream = QueryBuilder().register("rows", table).execute(f"SELECT {names} FROM rows")
        for batch in pa.RecordBatchReader.from_stream(stream):
            pending.append(batch)
            count += batch.num_rows
            if count >= batch_rows:
                yield from _merged(pending, schema)
                pending, count = [], 0
    except library_errors(OSError, pa.ArrowException) as error:
        if "not found" in str(error).lower() or "no such file" in str(error).lower():
            raise FileNotFoundError(str(error)) from error
        raise
    yield from _merged(pending, schema)


def _merged(batches: list[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield batches as one, unless there are no rows."""
    if any(batch.num_rows for batch in batches):
        yield from pa.Table.from_batches(batches).cast(schema).combine_chunks().to_batches()

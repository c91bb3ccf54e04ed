"""Reads the rows of one version of a Delta table by its log; no session needed."""

from __future__ import annotations

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.delta_log import table_version
from shoplake.engine.storage.version_rows import scan_version, version_schema
from shoplake.errors import VersionNotFoundError


def read_version(path: str, version: int) -> pa.RecordBatchReader:
    """Return the rows of a version, batch by batch. Raises VersionNotFoundError where its log or files are gone."""
    try:
        table = DeltaTable(path, version=version, storage_options=filesystem.delta_options(path))
        schema = version_schema(table)
        return pa.RecordBatchReader.from_batches(schema, scan_version(table, schema.names))
    except (DeltaError, FileNotFoundError) as error:
        last = table_version(path)
        raise VersionNotFoundError(path.rsplit("/", 1)[-1], version, 0, last) from error

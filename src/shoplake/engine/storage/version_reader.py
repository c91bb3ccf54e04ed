"""Reads the rows of one version of a Delta table by its log; no session needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.delta_log import table_version
from shoplake.errors import VersionNotFoundError

if TYPE_CHECKING:
    import pyarrow as pa


def read_version(path: str, version: int) -> pa.RecordBatchReader:
    """Return the rows of a version, batch by batch. Raises VersionNotFoundError where its log or files are gone."""
    try:
        table = DeltaTable(path, version=version, storage_options=filesystem.delta_options(path))
        return table.to_pyarrow_dataset().scanner(batch_readahead=2, fragment_readahead=2).to_reader()
    except (DeltaError, FileNotFoundError) as error:
        last = table_version(path)
        raise VersionNotFoundError(path.rsplit("/", 1)[-1], version, 0, last) from error

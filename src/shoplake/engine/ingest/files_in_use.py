"""Leaves out of a batch the files that somebody changes while their records are read."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from pyarrow import fs

from shoplake.engine.ingest.batch_reader import read_batch
from shoplake.engine.protocol import WriteResult
from shoplake.engine.storage import filesystem
from shoplake.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Collection

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch, File, FileKey
    from shoplake.engine.ingest.file_ingestion import BronzeTables

log = logging.getLogger("shoplake.ingest")


def append_unused_files(bronze: BronzeTables, table: Table[...], batch: Batch) -> tuple[Batch, WriteResult]:
    """Append the records of those files of a batch that nobody changes meanwhile; return the batch with these.

    What is read of the others may be half of them, or none, though they are whole again by now. They are new to the
    next run, as they were to this one.
    """
    while files := batch.into(table.name):
        result = _append(bronze, table, batch, files)
        used = find_files_in_use(files)
        if result and not used:
            return batch, result
        log.warning("%s: %d files changed while they were read; they are left for the next run", table.name, len(used))
        batch = replace(batch, files=tuple(file for file in batch.files if file.key not in used))
    bronze.delete_batch(table, batch.id)
    return batch, WriteResult(0, 0)


def find_files_in_use(files: Collection[File]) -> set[FileKey]:
    """Return the keys of the files that are gone, shorter or of another time than when they were listed.

    One that has grown is not among them: a later run reads it again, and what somebody appends to all the time would
    never be read. An object of an object store is replaced as a whole.
    """
    local = [file for file in files if not filesystem.is_remote(file.path)]
    if not local:
        return set()
    infos = fs.LocalFileSystem().get_file_info([filesystem.filesystem_for(file.path)[1] for file in local])
    return {file.key for file, info in zip(local, infos, strict=True) if _is_in_use(file, info)}


def _append(bronze: BronzeTables, table: Table[...], batch: Batch, files: Collection[File]) -> WriteResult | None:
    """Append the records of a batch; None where that fails and a file of it is in use."""
    try:
        return bronze.append_batch(table, batch.id, read_batch(bronze.session, table, batch))
    except CommitError:
        if not find_files_in_use(files):
            raise
        return None


def _is_in_use(file: File, info: fs.FileInfo) -> bool:
    if info.type is not fs.FileType.File or info.size < file.size:
        return True
    return bool(info.size == file.size and info.mtime != file.modified_at)

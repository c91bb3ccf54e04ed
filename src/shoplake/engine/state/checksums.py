"""Checksums of the data files that a run writes, computed beside its work and recorded at its end."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from shoplake.engine.state.ops_tables import CHECKSUMS, TABLE_RUNS
from shoplake.engine.state.state_store import RUN_MARKER
from shoplake.engine.storage import delta_log, table_log
from shoplake.engine.storage.catalog.address import is_in_catalog
from shoplake.engine.storage.commit_diff import added_files
from shoplake.engine.storage.integrity import sha256

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.engine.protocol import TableReader
    from shoplake.engine.state.state_store import StateStore


class ChecksumWriter:
    """Computes and records checksums; a marker per table says up to which of its versions its files have one.

    The files of a catalog are its own affair: of tables there nothing is recorded but that the run has ended.
    """

    def __init__(self, engine: TableReader, state: StateStore) -> None:
        self._engine, self._state = engine, state
        self._pool = ThreadPoolExecutor(1)
        self._pending: list[tuple[str, str, Future[str]]] = []
        self._until: dict[str, int] = {}
        self._is_due = False

    def add(self, table: Table[...]) -> None:
        """Begin to compute checksums of the files, of a table and its companions, that have none yet."""
        for each in (table, *table.companion_tables):
            path, name = self._engine.path(each), each.qualified_name
            self._is_due = True
            if is_in_catalog(path):
                continue
            marker, version = f"sealed/{table_log.table_id(path)}", table_log.table_version(path)
            since = self._until.get(marker, self._state.marker(CHECKSUMS, marker))
            for file in self._files_without(name, path, since, version):
                self._pending.append((name, file, self._pool.submit(sha256, f"{path}/{file}")))
            self._until[marker] = version

    def flush(self, run_id: str, at: datetime) -> None:
        """Record the checksums, if any table was added."""
        stamp = {"run_id": run_id, "recorded_at": at}
        rows = [{"table": name, "file": file, "sha256": sum.result(), **stamp} for name, file, sum in self._pending]
        if self._is_due:
            last = self._state.marker(TABLE_RUNS, RUN_MARKER)
            self._state.append(CHECKSUMS, rows, self._until | ({} if last is None else {RUN_MARKER: last}))

    def close(self) -> None:
        """Compute no more checksums."""
        self._pool.shutdown(cancel_futures=True)

    def _files_without(self, name: str, path: str, since: int | None, version: int) -> Iterable[str]:
        """Return the current files of a table without a checksum, also those of an incomplete run."""
        new = added_files(path, since, version) if since is not None else None
        if new == []:
            return []
        current = set(delta_log.file_paths(path))
        if new is not None:
            return [file for file in new if file in current]
        recorded = self._state.scan(CHECKSUMS, ["file"], ds.field("table") == name).column("file").to_pylist()
        return sorted(current.difference(recorded))

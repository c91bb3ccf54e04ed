"""The checksums of the data files that a run writes, taken beside its work and kept at its end."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from shoplake.engine.state.ops_tables import CHECKSUMS, TABLE_RUNS
from shoplake.engine.state.state_store import RUN_MARKER
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.commit_diff import added_files
from shoplake.engine.storage.integrity import sha256

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.engine.state.state_store import StateStore
    from shoplake.engine.write.delta_engine import DeltaEngine


class ChecksumWriter:
    """Seals tables: a mark beside the checksums says up to which of its versions a table's files are sealed."""

    def __init__(self, engine: DeltaEngine, ledger: StateStore) -> None:
        self._engine, self._ledger = engine, ledger
        self._pool = ThreadPoolExecutor(1)
        self._taken: list[tuple[str, str, Future[str]]] = []
        self._upto: dict[str, int] = {}

    def add(self, table: Table[...]) -> None:
        """Begin to seal the files of a table and those beside it that are not sealed yet."""
        for each in (table, *table.companion_tables):
            at, name = self._engine.path(each), each.qualified_name
            mark, version = f"sealed/{delta_log.table_id(at)}", delta_log.table_version(at)
            for file in self._unsealed(name, at, self._upto.get(mark, self._ledger.marker(CHECKSUMS, mark)), version):
                self._taken.append((name, file, self._pool.submit(sha256, f"{at}/{file}")))
            self._upto[mark] = version

    def flush(self, run_id: str, at: datetime) -> None:
        """Write down what was sealed, if any table was."""
        stamp = {"run_id": run_id, "recorded_at": at}
        rows = [{"table": name, "file": file, "sha256": sum.result(), **stamp} for name, file, sum in self._taken]
        if self._upto:
            last = self._ledger.marker(TABLE_RUNS, RUN_MARKER)
            self._ledger.append(CHECKSUMS, rows, self._upto | ({} if last is None else {RUN_MARKER: last}))

    def close(self) -> None:
        """Take no more checksums."""
        self._pool.shutdown(cancel_futures=True)

    def _unsealed(self, name: str, at: str, since: int | None, version: int) -> Iterable[str]:
        """The files of a table as it stands without a checksum, those of a run that was cut off among them."""
        new = added_files(at, since, version) if since is not None else None
        if new == []:
            return []
        there = set(delta_log.file_paths(at))
        if new is not None:
            return [file for file in new if file in there]
        known = self._ledger.scan(CHECKSUMS, ["file"], ds.field("table") == name).column("file").to_pylist()
        return sorted(there.difference(known))

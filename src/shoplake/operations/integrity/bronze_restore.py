"""Bring back the rows of a damaged bronze table: from landing files and corrections, else from whole data files."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyspark.sql import functions as F

from shoplake.columns.record_place import FIXES, record_id
from shoplake.engine import CHECKSUMS, FILES, Batch, arrow_schema, inspect_file, list_files, read_batch, readable_rows
from shoplake.operations.quarantine.corrections import FixFile, fix_rows
from shoplake.operations.quarantine.originals import group_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from shoplake.declare import Table
    from shoplake.declare.kinds.feed import Feeds
    from shoplake.engine import File, PipelineEngine, StateStore


class BronzeRestore:
    """Restores batches of bronze tables, each as it was ingested."""

    def __init__(self, engine: PipelineEngine, state: StateStore, feeds: Feeds) -> None:
        self._engine, self._state, self._feeds = engine, state, feeds

    def restore(self, table: Table[...], folders: Iterable[Path], batches: Collection[str] | None = None) -> list[str]:
        """Write these batches, or all, of a table again; the files that are not in the landing folder any more.

        Of such a file the records are kept that lie in whole data files below one of `folders`. A batch that
        `ops.files` does not know is deleted: its files are new to the next run.
        """
        ingested = [row for row in self._state.read(FILES, None, ds.field("stream") == table.name) if row["batch_id"]]
        by_batch: dict[str, list[dict[str, Any]]] = {}
        for row in ingested:
            if batches is None or row["batch_id"] in batches:
                by_batch.setdefault(row["batch_id"], []).append(row)
        landed = {(file.feed, file.name): file for file in list_files(self._feeds) if file.stream.into == table.name}
        folders, gone = list(folders), []
        for batch in sorted(set(batches or ()) - set(by_batch)):
            self._engine.delete_batch(table, batch)
        for batch in sorted(by_batch):
            gone += self._restore_batch(table, batch, by_batch[batch], landed, folders)
        return sorted(set(gone))

    def _restore_batch(
        self,
        table: Table[...],
        batch: str,
        rows: list[dict[str, Any]],
        landed: dict[tuple[str, str], File],
        folders: list[Path],
    ) -> list[str]:
        if fixes := [row["path"] for row in rows if row["path"].startswith(f"{FIXES}/")]:
            return self._restore_fixes(table, batch, fixes, rows)
        files: dict[tuple[str, str], File] = {}
        for row in rows:
            file = landed.get((row["feed"], row["path"]))
            known = inspect_file(file) if file is not None else None
            if known is not None and known.sha256 == row["sha256"] and not known.problem:
                files[known.feed, known.name] = replace(known, sha256=row["sha256"])
        gone = {(row["feed"], row["path"]) for row in rows} - set(files)
        kept = self._whole_rows(table, batch, gone, folders) if gone else None
        if files:
            at = min(row["recorded_at"] for row in rows)
            found = Batch(batch, tuple(files.values()), at)
            self._engine.append_batch(table, batch, read_batch(self._engine.session, table, found))
        else:
            self._engine.delete_batch(table, batch)
        if kept is not None and kept.num_rows:
            frame = self._engine.session.createDataFrame(kept)
            self._engine.location(table).append(frame, table.partition_by)
        return [path for _, path in gone]

    def _restore_fixes(
        self, table: Table[...], batch: str, paths: Collection[str], rows: list[dict[str, Any]]
    ) -> list[str]:
        """Write the corrected records of a batch again, from their files in the lake; those whose file is gone."""
        at, known = min(row["recorded_at"] for row in rows), {row["path"]: row["sha256"] for row in rows}
        self._engine.delete_batch(table, batch)
        gone = []
        for path in paths:
            file = Path(self._engine.lake, path)
            if not file.is_file() or sha256(file.read_bytes()).hexdigest() != known[path]:
                gone.append(path)
                continue
            fix = FixFile.read(file)
            wanted = F.col("_id").isin([each.record_id for each in fix.corrections]) & (F.col("batch_id") < batch)
            found = self._engine.read(table).withColumn("_id", record_id()).where(wanted).collect()
            corrected = fix_rows(self._engine, table, fix, group_rows(found), batch, at)
            self._engine.location(table).append(corrected, table.partition_by)
        return gone

    def _whole_rows(self, table: Table[...], batch: str, files: set[tuple[str, str]], folders: list[Path]) -> pa.Table:
        """Return the rows of a batch that come from these files, as far as whole data files have them."""
        sums = self._state.read(CHECKSUMS, ["file", "sha256"], ds.field("table") == table.qualified_name)
        checksums = {row["file"]: row["sha256"] for row in sums}
        rows = readable_rows(folders, arrow_schema(table), checksums, below=f"batch_id={batch}")
        place = rows.schema.get_field_index("batch_id")
        rows = rows.set_column(place, "batch_id", pa.array([batch] * rows.num_rows, pa.string()))
        sources = pc.binary_join_element_wise(rows.column("feed"), rows.column("file"), "|")
        return rows.filter(pc.is_in(sources, pa.array(["|".join(each) for each in sorted(files)], pa.string())))

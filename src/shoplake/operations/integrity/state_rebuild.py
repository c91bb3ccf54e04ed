"""Rebuild the state store of a lake from its data files, its bronze tables and the landing files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.columns.record_place import FIXES, fix_file
from shoplake.engine import (
    FILES,
    FIX_MARKER,
    OFFSETS,
    RESULTS_MARKER,
    RUN_MARKER,
    TABLE_RUNS,
    arrow_schema,
    inspect_file,
    list_files,
    readable_rows,
    table_exists,
    to_micros,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shoplake.declare import Table
    from shoplake.declare.kinds.feed import Feeds
    from shoplake.engine import StateStore, TableReader

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rebuild_state_table(
    state: StateStore, table: Table[...], folders: Iterable[Path], found_files: Iterable[Row]
) -> int:
    """Fill an empty state table with the rows of whole data files below `folders`; how many rows it then has.

    `ops.files` also gets those of `found_files` that it lacks. `ops.offsets` stays empty: it is the sum of
    `ops.table_runs`. Where rows are lost, the next run does some work again, which changes nothing.
    """
    if table is OFFSETS:
        return 0
    rows: list[Row] = readable_rows(folders, arrow_schema(table)).to_pylist()
    marks: dict[str, int] = {}
    if table is FILES:
        known = {(row["feed"], row["path"], row["batch_id"]) for row in rows}
        rows += [row for row in found_files if (row["feed"], row["path"], row["batch_id"]) not in known]
        marks = _batch_marks(rows)
    elif table is TABLE_RUNS:
        last = max((row["run_started_at"] for row in rows), default=None)
        marks = {RESULTS_MARKER: 1 + _results_marker(state)} | ({RUN_MARKER: to_micros(last)} if last else {})
    state.append(table, rows, marks)
    return len(rows)


def files_in_bronze(engine: TableReader, tables: Iterable[Table[...]], feeds: Feeds, at: datetime) -> list[Row]:
    """Rows of `ops.files` as bronze shows them: which file came with which batch into which table.

    Size, time and SHA-256 are those of the file in the landing folder, or of the file of corrections in the lake. The
    time of the record is that of the ingestion, or `at` where the rows have none. Of several batches of one file the
    last counts.
    """
    landed = {(file.feed, file.name): file for file in list_files(feeds)}
    rows: list[Row] = []
    for table in tables:
        by_file = engine.read(table).groupBy("feed", "file", "batch_id")
        rows_of_files = by_file.agg(F.unix_micros(F.min("ingested_at")).alias("micros")).collect()
        found = {(row.feed, fix_file(row.file), row.batch_id): row.micros for row in rows_of_files}
        newest: dict[tuple[str, str], str] = {}
        for feed, path, batch in found:
            newest[feed, path] = max(batch, newest.get((feed, path), ""))
        for (feed, path, batch), micros in sorted(found.items()):
            file = landed.get((feed, path))
            seen = inspect_file(file) if file is not None else None
            content: Row = {"size": None, "sha256": None, "modified_at": None}
            if seen is not None:
                content = {name: getattr(seen, name) for name in content}
            elif path.startswith(f"{FIXES}/"):
                content |= _corrections(Path(engine.lake, path))
            rows.append(
                {
                    "feed": feed,
                    "stream": table.name,
                    "path": path,
                    **content,
                    "batch_id": batch,
                    "state": "ingested" if newest[feed, path] == batch else "superseded",
                    "run_id": "repair",
                    "recorded_at": at if micros is None else EPOCH + timedelta(microseconds=micros),
                }
            )
    return rows


def _corrections(file: Path) -> Row:
    """Return the size and SHA-256 of a file of corrections; nothing of one that is gone or not what its name says."""
    content = file.read_bytes() if file.is_file() else b""
    digest = sha256(content).hexdigest()
    return {"size": len(content), "sha256": digest} if digest.startswith(file.stem) else {}


def _batch_marks(rows: Sequence[Row]) -> dict[str, int]:
    """Return the number of the last batch into each bronze table, and into any; and which have corrected records."""
    fixed = {row["stream"] for row in rows if row["path"].startswith(f"{FIXES}/")}
    marks = {f"{FIX_MARKER}/{stream}": 1 for stream in fixed}
    for row in rows:
        if row["batch_id"]:
            number = int(row["batch_id"][1:])
            for stream in ("", row["stream"]):
                marks[f"batch/{stream}"] = max(number, marks.get(f"batch/{stream}", 0))
    return marks


def _results_marker(state: StateStore) -> int:
    """Return the number of results that `ops.offsets` sums up; 0 where it cannot say."""
    path = state.path(OFFSETS)
    return (state.marker(OFFSETS, RESULTS_MARKER) or 0) if table_exists(path) else 0

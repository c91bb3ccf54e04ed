"""Corrected records: the file they come in, and the bronze batch that they become."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
from pyspark.sql import functions as F

from shoplake.columns.record_place import FIXES, corrected_file, record_id_of
from shoplake.declare import Stream
from shoplake.engine import FILES, File, FileRegistry, batch_id, crash_points, text_problem, write_whole
from shoplake.errors import LandingError
from shoplake.operations.quarantine.field_values import plain_csv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine, StateStore
    from shoplake.pipeline.run_recorder import RunRecorder


CORRECTED = "feed string, raw string, file string, line bigint, header string, problem string"


@dataclass(frozen=True)
class Correction:
    """The corrected text of a quarantined record."""

    record_id: str
    raw: str


@dataclass(frozen=True)
class FixFile:
    """A file of corrections; its id is the SHA-256 of its content, so that the same file is ingested once."""

    content: bytes
    corrections: tuple[Correction, ...]

    @classmethod
    def read(cls, path: Path) -> FixFile:
        """Read lines with `record_id` and `raw`. Raises LandingError for none, another line, or an id that is twice."""
        content = path.read_bytes()
        corrections = [
            _correction(path, number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip()
        ]
        if not corrections:
            raise LandingError(f"{path} has no corrections. Write one: shoplake quarantine export TABLE -o FILE")
        ids = [each.record_id for each in corrections]
        if twice := next((each for each, count in Counter(ids).items() if count > 1), None):
            raise LandingError(f"{path} corrects the record {twice} twice. Leave one of the lines out.")
        return cls(content, tuple(corrections))

    @classmethod
    def of(cls, corrections: Mapping[str, str]) -> FixFile:
        """Return the file that has these texts, by the ids of the records."""
        lines = [
            json.dumps({"record_id": id, "raw": raw}, ensure_ascii=False) for id, raw in sorted(corrections.items())
        ]
        both = tuple(Correction(id, raw) for id, raw in sorted(corrections.items()))
        return cls("".join(f"{line}\n" for line in lines).encode(), both)

    @property
    def id(self) -> str:
        """The first 16 hex digits of the SHA-256 of its content."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Its path, as bronze and `ops.files` have it."""
        return f"{FIXES}/{self.id}.ndjson"


@crash_points("ingest_batch")
def ingest_fix(
    engine: PipelineEngine,
    catalog: Catalog,
    state: StateStore,
    recorder: RunRecorder,
    fix: FixFile,
    originals: Mapping[str, Mapping[str, list[Any]]],
) -> None:
    """Append the corrected records to the bronze tables of those they replace, as one batch; once for a file.

    `originals` are the rows of those, by the bronze table and their ids. A record keeps the place and the header of the
    one that it replaces. Interrupted before the file is recorded, the next batch has the same number and replaces what
    was appended.
    """
    if state.read(FILES, ["path"], (ds.field("path") == fix.name) & (ds.field("state") == "ingested")):
        return
    write_whole(f"{engine.lake}/{fix.name}", fix.content)
    at = state.next_run_time()
    registry = FileRegistry(state, uuid.uuid4().hex, at)
    batch = batch_id(registry.last_number() + 1)
    for bronze, rows in originals.items():
        table = catalog[bronze]
        frame = fix_rows(engine, table, fix, rows, batch, at)
        with recorder.measure(table) as step:
            step.result = engine.append_batch(table, batch, frame)
    recorder.flush()
    registry.record([_file(fix, bronze, some) for bronze, some in originals.items()], "ingested", batch)


def fix_rows(
    engine: PipelineEngine,
    table: Table[...],
    fix: FixFile,
    originals: Mapping[str, list[Any]],
    batch: str,
    at: datetime,
) -> DataFrame:
    """Return the corrected records as rows of a bronze table; `originals` are the rows that they replace, by id.

    Each has the feed, line and header of the one that it replaces, a `file` that names it, and the problem that a
    reader would have with it. Texts that are as they were are no corrections.
    """
    cells = []
    for each in fix.corrections:
        for row in originals.get(each.record_id, ()):
            if row.raw == each.raw:
                continue
            raw = plain_csv(each.raw, row.header)
            file = corrected_file(fix.name, each.record_id, row.batch_id, row.file)
            cells.append((row.feed, raw, file, row.line, row.header, text_problem(raw, row.header)))
    frame = engine.session.createDataFrame(cells, CORRECTED)
    arrival = {
        "batch_id": F.lit(batch),
        "ingested_at": F.lit(at).cast("timestamp"),
    }
    return frame.withColumns(arrival).select(*[column.name for column in table.columns])


def corrected_id(original: Any, raw: str) -> str:
    """Return the id of the record that the corrected text of a bronze row becomes."""
    return record_id_of(original.feed, original.file, original.line, plain_csv(raw, original.header))


def _file(fix: FixFile, bronze: str, originals: Mapping[str, list[Any]]) -> File:
    feed = next(iter(originals.values()))[0].feed
    stream = Stream(fix.name, "json", into=bronze)
    return File(feed, stream, fix.name, fix.name, len(fix.content), None, hashlib.sha256(fix.content).hexdigest())


def _correction(path: Path, number: int, line: bytes) -> Correction:
    try:
        value = json.loads(line)
        record_id, raw = value["record_id"], value["raw"]
        if not (isinstance(record_id, str) and isinstance(raw, str)):
            raise TypeError
        raw.encode()
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LandingError(
            f'{path}, line {number} is no correction. Each line is one of an export, with "record_id" and "raw", two '
            "texts in UTF-8: shoplake quarantine export TABLE -o FILE"
        ) from None
    return Correction(record_id, raw)

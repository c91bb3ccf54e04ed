"""Schema drift: fields in files that no stream of their feed declares."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from shoplake.engine.ingest.formats.csv_header import duplicate_names
from shoplake.engine.state.ops_tables import SCHEMA_CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.ingest.record_shapes import Shape
    from shoplake.engine.state.state_store import StateStore


def unknown_fields(table: Table[...], shapes: Iterable[Shape], batch: Batch) -> Iterator[tuple[str, str, str]]:
    """Yield feed, field and first file of each field in a batch that no stream of its feed into `table` declares."""
    known: dict[str, set[str]] = {}
    for file in batch.into(table.name):
        known.setdefault(file.feed, set()).update(file.stream.fields)
    fields: dict[tuple[str, str], str] = {}
    for shape in shapes:
        for field in _names(shape.header or ""):
            if field.strip() and field not in known[shape.feed]:
                fields.setdefault((shape.feed, field), shape.file)
    yield from ((feed, field, file) for (feed, field), file in sorted(fields.items()))


def duplicate_columns(table: Table[...], shapes: Iterable[Shape], batch: Batch) -> list[str]:
    """Return one line for each declared field that several columns of a file have the name of.

    Files of one header are one: the first is named.
    """
    fields = {(file.feed, file.name): file.stream.fields for file in batch.into(table.name)}
    found = [
        (shape, name, _names(shape.header).count(name))
        for shape in shapes
        if shape.header
        for name in duplicate_names(_names(shape.header), fields[shape.feed, shape.file])
    ]
    return [f"{shape.feed}: {shape.file} has {count} columns '{name}'" for shape, name, count in found]


def record_new_fields(
    state: StateStore, table: Table[...], shapes: Iterable[Shape], batch: Batch, run_id: str, at: datetime
) -> list[str]:
    """Append the fields of a batch that were never seen before to `ops.schema_changes`; as `feed: table.field`."""
    unknown = list(unknown_fields(table, shapes, batch))
    if not unknown:
        return []
    recorded = {(row["feed"], row["stream"], row["field"]) for row in state.read(SCHEMA_CHANGES)}
    new = [each for each in unknown if (each[0], table.name, each[1]) not in recorded]
    stamp = {"stream": table.name, "change": "new", "batch_id": batch.id, "run_id": run_id, "recorded_at": at}
    state.append(SCHEMA_CHANGES, [{"feed": feed, "field": name, "file": file} | stamp for feed, name, file in new])
    return [f"{feed}: {table.name}.{name}" for feed, name, _ in new]


def _names(header: str) -> list[str]:
    """Return the names in a CSV header, or in a JSON array of them; none in a header that cannot be split."""
    if header.startswith("["):
        with suppress(ValueError, RecursionError):
            names: list[object] = json.loads(header)
            texts = [name for name in names if isinstance(name, str)]
            if len(texts) == len(names):
                return texts
    try:
        return next(csv.reader([header]), [])
    except csv.Error:
        return []

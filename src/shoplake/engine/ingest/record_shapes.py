"""The shapes of a batch's records: headers, field names, and files that do not fit their stream's options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from shoplake.engine.ingest.formats.raw_records import MISREAD

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Shape:
    """A header or JSON array of field names, or a problem of a whole file, and the first file that has it."""

    feed: str
    file: str
    header: str | None = None
    problem: str | None = None


SHAPE_COLUMNS = ("feed", "file", "header", "problem")
"""The columns of bronze records that shapes are found in."""


def find_shapes(records: Iterable[pa.RecordBatch]) -> list[Shape]:
    """Return the shapes in bronze records, given by `SHAPE_COLUMNS`, in the order of their first files."""
    first: dict[tuple[str, str | None, str | None, str | None], str] = {}
    for batch in records:
        is_misread = pc.is_in(batch["problem"], value_set=pa.array(MISREAD, pa.string()))
        cells = {"misread": batch["problem"], "misread_file": batch["file"]}
        known = {name: pc.if_else(is_misread, values, None) for name, values in cells.items()}
        rows = pa.table({name: batch[name] for name in ("feed", "file", "header")} | known)
        shaped = rows.filter(pc.or_(is_misread, pc.is_valid(batch["header"])))
        groups = shaped.group_by(["feed", "header", "misread", "misread_file"]).aggregate([("file", "min")])
        for row in groups.to_pylist():
            key = (row["feed"], row["header"], row["misread"], row["misread_file"])
            first[key] = min(row["file_min"], first.get(key, row["file_min"]))
    ordered = sorted(first.items(), key=lambda each: (each[1], *(value or "" for value in each[0])))
    return [Shape(feed, file, header, misread) for (feed, header, misread, _), file in ordered]


def misread_files(shapes: Iterable[Shape]) -> list[str]:
    """Return one line for each file that does not fit the options of its stream."""
    found = {(shape.feed, shape.file, shape.problem): None for shape in shapes if shape.problem}
    return [f"{feed}: {file} {MISREAD[problem or '']}." for feed, file, problem in found]

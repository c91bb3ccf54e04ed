"""The streams that files of no known kind seem to need, as code for a feed kind: proposals that a person checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare.kinds.stream import ARCHIVE
from shoplake.engine.ingest.sketch.documents import sketch_document
from shoplake.engine.ingest.sketch.foreign_files import describe_foreign
from shoplake.engine.ingest.sketch.text_tables import sketch_table
from shoplake.engine.ingest.sketch.workbooks import sketch_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.engine.ingest.sketch.stream_code import StreamSketch

TEXTS = (".csv", ".tsv", ".tab", ".txt", ".xls", ARCHIVE)
"""Endings of files that may be tables as text; programs name them .xls that spreadsheets may open them."""
DOCUMENTS = (".json", ".jsonl", ".ndjson", ARCHIVE)
WORKBOOKS = (".xlsx", ".xlsm")


def sketch_streams(files: Iterable[tuple[str, str]]) -> list[str]:
    """Return a `Stream(…)` for the files of each layout, with the options that their heads show.

    A file is where it is, and its path in its feed's folder. What is no table with names in its first row, and no JSON
    of objects, has none. What the heads do not decide is a comment behind the stream.
    """
    found: dict[object, StreamSketch] = {}
    for path, name in files:
        for sketch in _sketch(path, name):
            known = found.get(sketch.key)
            found[sketch.key] = sketch if known is None else known.merged_with(sketch)
    return [sketch.code() for sketch in found.values()]


def _sketch(path: str, name: str) -> list[StreamSketch]:
    if describe_foreign(path) is not None:
        return []
    plain = name.removesuffix(".gz").removesuffix(".zst").casefold()
    if plain.endswith(WORKBOOKS):
        return sketch_workbook(path, name)
    sketch = sketch_table(path, name) if plain.endswith(TEXTS) else None
    if sketch is None and plain.endswith(DOCUMENTS):
        sketch = sketch_document(path, name)
    return [] if sketch is None else [sketch]

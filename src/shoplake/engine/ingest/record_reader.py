"""Reads files into raw records inside the engine's workers (`mapInArrow`).

Nothing is dropped: text that is no record is returned with a `problem`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoplake.declare.kinds.stream import Stream
from shoplake.engine.ingest.formats.csv_reader import read_csv
from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES
from shoplake.engine.ingest.formats.json_reader import read_json
from shoplake.engine.ingest.formats.line_reader import line_problems
from shoplake.engine.ingest.formats.parquet_reader import read_parquet
from shoplake.engine.ingest.json_fields import sample_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoplake.engine.ingest.formats.raw_records import RawRecords

FILES = "feed string, path string, file string, stream string"
"""Rows that name files; `stream` is that of `stream_to_json`."""
RECORDS = "feed string, raw string, file string, line bigint, header string, problem string"
SCHEMA = pa.schema(
    [(name, pa.int64() if kind == "bigint" else pa.string()) for name, kind in map(str.split, RECORDS.split(", "))]
)


def read_files(batches: Iterable[pa.RecordBatch], *, block_bytes: int = BLOCK_BYTES) -> Iterator[pa.RecordBatch]:
    """Yield the records of files given as rows of `FILES`, as rows of `RECORDS`."""
    for batch in batches:
        for row in batch.to_pylist():
            for part in read_file(row["path"], stream_from_json(row["stream"]), block_bytes=block_bytes):
                size = len(part.texts)
                feed, file = pa.repeat(row["feed"], size), pa.repeat(row["file"], size)
                columns = [feed, part.texts, file, part.lines, part.headers, part.problems]
                yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def read_file(path: str, stream: Stream, *, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRecords]:
    """Yield the records of one file of a stream."""
    if stream.format == "parquet":
        return read_parquet(path)
    if stream.format == "xlsx":
        from shoplake.engine.ingest.formats.excel.excel_reader import read_excel  # other workers need no Excel library

        return read_excel(path, stream)
    return (read_csv if stream.format == "csv" else read_json)(path, stream, block_bytes)


def text_problem(text: str, header: str | None) -> str | None:
    """Return why a reader would not take a text as a record, such as `line_too_long`; None if it would.

    `header` is that of a CSV file, or the field names of JSON as a JSON array.
    """
    values = pa.array([text], pa.string())
    problem: str | None = line_problems(values, [], has_nul="\x00" in text)[0].as_py()
    is_csv = header is not None and not header.startswith("[")
    return problem if problem or is_csv else sample_fields(values, set())[1][0].as_py()


def stream_to_json(stream: Stream) -> str:
    """Return a stream as text, for the workers."""
    return json.dumps(asdict(stream))


def stream_from_json(text: str) -> Stream:
    """Return the stream of such a text."""
    values: dict[str, Any] = json.loads(text)
    values |= {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Stream(**values)

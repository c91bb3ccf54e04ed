"""Streams of rows: batches in, pieces of a body out."""

import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from shoplake.serve.api.encode.csv_rows import csv_header, csv_rows
from shoplake.serve.api.encode.json_rows import ndjson

GZIP_WINDOW = 31


def stream_rows(rows: pa.RecordBatchReader, format: str) -> Iterator[bytes]:
    """Yield the body in pieces; `format` is ndjson, csv, parquet or arrow."""
    return WRITERS[format](rows)


def compress_stream(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the pieces compressed by zstd or gzip; as they are for ""."""
    if encoding == "gzip":
        yield from _gzip(pieces)
    elif encoding == "zstd":
        sink = pa.BufferOutputStream()
        yield from _drained(sink, pa.CompressedOutputStream(sink, "zstd"), pieces)
    else:
        yield from pieces


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(5, zlib.DEFLATED, GZIP_WINDOW)
    for piece in pieces:
        if found := compressor.compress(piece):
            yield found
    yield compressor.flush()


def _drained(sink: pa.BufferOutputStream, compressor: pa.NativeFile, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        compressor.write(piece)
    compressor.close()
    yield sink.getvalue().to_pybytes()


def _csv(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    yield csv_header(rows.schema)
    for batch in rows:
        yield csv_rows(batch)


def _ndjson(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    for batch in rows:
        yield ndjson(batch)


class _Pieces:
    """A file that gives out what was written since the last time."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is to be closed."""

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _parquet(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    file = _Pieces()
    with pq.ParquetWriter(pa.PythonFile(file, "w"), rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)
            if piece := file.take():
                yield piece
    yield file.take()


def _arrow(rows: pa.RecordBatchReader) -> Iterator[bytes]:
    file = _Pieces()
    with pa.ipc.new_stream(pa.PythonFile(file, "w"), rows.schema) as writer:
        for batch in rows:
            writer.write_batch(batch)
            if piece := file.take():
                yield piece
    yield file.take()


WRITERS: dict[str, Callable[[pa.RecordBatchReader], Iterator[bytes]]] = {
    "csv": _csv,
    "ndjson": _ndjson,
    "parquet": _parquet,
    "arrow": _arrow,
}

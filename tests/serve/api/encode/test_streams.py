import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoplake.serve.api.encode.streams import compress_stream, stream_rows

ROWS = pa.table({"n": list(range(2500)), "name": [f"item {n}" for n in range(2500)]})
READERS = {
    "parquet": lambda body: pq.read_table(io.BytesIO(body)),
    "arrow": lambda body: pa.ipc.open_stream(body).read_all(),
}


def stream(format):
    return list(stream_rows(pa.RecordBatchReader.from_batches(ROWS.schema, ROWS.to_batches(1000)), format))


@pytest.mark.parametrize("format", READERS)
def test_a_stream_is_read_back(format):
    assert READERS[format](b"".join(stream(format))) == ROWS


@pytest.mark.parametrize(("format", "lines"), [("csv", 2501), ("ndjson", 2500)])
def test_a_stream_of_lines_has_each_row_once(format, lines):
    assert len(b"".join(stream(format)).splitlines()) == lines


@pytest.mark.parametrize("format", ["csv", "ndjson", "arrow"])
def test_the_first_rows_come_before_the_last_are_read(format):
    def batches():
        yield from ROWS.to_batches(1000)[:2]
        raise AssertionError("read too far")

    pieces = stream_rows(pa.RecordBatchReader.from_batches(ROWS.schema, batches()), format)

    assert next(pieces)
    assert next(pieces)


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_a_compressed_stream_is_read_back(encoding):
    body = b"".join(compress_stream(iter([b"one ", b"two ", b"three"]), encoding))

    if encoding == "gzip":
        body = gzip.decompress(body)
    elif encoding == "zstd":
        body = pa.CompressedInputStream(pa.BufferReader(body), "zstd").read()
    assert body == b"one two three"

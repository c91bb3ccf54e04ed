import json

import pytest
from sample_tables import ARRIVED, MARK_FILES, PRICE_FILES, drop, mark, marks_raw

from shoplake.engine.ingest.batch_reader import read_batch
from shoplake.engine.ingest.file_discovery import Batch, File


@pytest.fixture
def batch(tmp_path):
    """A batch of two files of marks, the second larger, and one of prices."""
    paths = [
        drop(tmp_path / "a", mark("a")),
        drop(tmp_path / "b", *[str(n) for n in range(100)]),
        drop(tmp_path / "c", "x"),
    ]
    streams = (MARK_FILES, MARK_FILES, PRICE_FILES)
    files = [
        File("shop", stream, str(path), path.name, path.stat().st_size, None)
        for path, stream in zip(paths, streams, strict=True)
    ]
    return Batch("b1", tuple(files), ARRIVED)


def test_the_records_of_a_tables_files_come_with_their_lines_and_arrival(spark, batch):
    rows = read_batch(spark, marks_raw, batch).where("file = 'a'").select("feed", "raw", "line", "batch_id").collect()

    assert [tuple(row) for row in rows] == [("shop", json.dumps(mark("a")), 1, "b1")]


@pytest.mark.parametrize("block_bytes", [16, 1 << 20])
def test_the_records_are_the_same_whatever_the_size_of_a_block(spark, batch, block_bytes):
    rows = read_batch(spark, marks_raw, batch, large_file_bytes=10, block_bytes=block_bytes).where("file = 'b'")

    assert sorted(row.line for row in rows.collect()) == list(range(1, 101))
    assert rows.columns == [column.name for column in marks_raw.columns]

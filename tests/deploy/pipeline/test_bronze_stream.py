"""The reader of arriving files, as a worker of a stream calls it."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from shoplake.declare.kinds.stream import Stream
from shoplake.deploy.pipeline.bronze_stream import FileReader, relative_name
from shoplake.engine import stream_to_json

AT = datetime(2026, 3, 2, tzinfo=UTC)
STREAM = stream_to_json(Stream("events/*.json", "json", into="events_raw"))


@pytest.fixture
def read(tmp_path):
    """The records of files, as Spark lists them, that a table's streams match."""

    def records(*names):
        cells = {
            "feed": ["shop"] * len(names),
            "path": [f"file:{tmp_path / name}" for name in names],
            "batch_id": ["b"] * len(names),
            "ingested_at": pa.array([AT] * len(names), pa.timestamp("us", "UTC")),
        }
        reader = FileReader({"shop": str(tmp_path)}, {"shop": (STREAM,)})
        return [row for batch in reader(iter(pa.table(cells).to_batches())) for row in batch.to_pylist()]

    return records


def test_the_lines_of_a_matching_file_are_records_with_file_line_and_batch(read, tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "1.json").write_text('{"id": 1}\n{"id": 2}\n')

    rows = read("events/1.json", "truth.json")

    assert [(row["raw"], row["line"]) for row in rows] == [('{"id": 1}', 1), ('{"id": 2}', 2)]
    assert {(row["feed"], row["file"], row["batch_id"], row["ingested_at"]) for row in rows} == {
        ("shop", "events/1.json", "b", AT)
    }


def test_a_path_outside_the_folder_has_no_name():
    assert relative_name("file:///data/shop/events/1.json", "/data/shop/") == "events/1.json"
    assert relative_name("file:///data/other/1.json", "/data/shop") is None

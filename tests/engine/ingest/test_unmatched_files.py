from dataclasses import replace

import pytest
from sample_tables import drop

from shoplake.declare import FeedKind, Stream
from shoplake.engine.state.ops_tables import FILES


@pytest.fixture
def state(state_store):
    return state_store


@pytest.fixture
def ingest(take):
    """Commit the batches of one run; return their ids and file names, and the unmatched files."""

    def run(**changes):
        batches, ingestion = take(**changes)
        return batches, ingestion.unmatched

    return run


def test_a_file_that_no_stream_reads_is_recorded_once_as_unmatched(landing, ingest, state):
    drop(landing / "mark/a.json", "{}")

    assert ingest() == ([], ["shop: mark/a.json"])
    assert ingest() == ([], [])
    assert [(row["path"], row["state"], row["batch_id"]) for row in state.read(FILES)] == [
        ("mark/a.json", "unmatched", None)
    ]


def test_an_unmatched_file_is_ingested_once_a_stream_reads_it(landing, ingest, settings):
    drop(landing / "mark/a.json", "{}")
    ingest()
    stream = Stream("mark/*.json", "json", "marks_raw")
    corrected = replace(settings.feeds[0], kind=FeedKind("toy", "Marks", (stream,), {}))

    assert ingest(feeds=(corrected,)) == ([("b000000001", ["mark/a.json"])], [])


def test_a_file_whose_stream_goes_into_several_tables_is_unmatched_once(landing, ingest, settings, state):
    drop(landing / "mark/a.json", "{}")
    streams = tuple(Stream("marks/*.json", "json", into) for into in ("marks_raw", "prices_raw"))
    both = replace(settings.feeds[0], kind=FeedKind("both", "Both", streams, {}))

    assert ingest(feeds=(both,))[1] == ["shop: mark/a.json"]
    assert len(state.read(FILES)) == 1

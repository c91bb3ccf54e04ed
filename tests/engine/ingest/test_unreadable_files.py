import gzip
import os
from datetime import UTC, datetime

import pytest
from sample_tables import drop, feed

from shoplake.engine.ingest.file_ingestion import FileIngestion
from shoplake.settings import Settings


@pytest.fixture
def landing(tmp_path):
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


@pytest.fixture
def take(state_store, landing):
    """One run's ingestion; the batches' ids and file names, and the ingestion itself."""

    def ingested():
        ingestion = FileIngestion(state_store, Settings("lake", (feed(landing),)), "r1", datetime.now(UTC))
        found = []
        for batch in ingestion.batches():
            found.append((batch.id, [file.name for file in batch.files]))
            ingestion.commit_batch(batch)
        return found, ingestion

    return ingested


def test_a_damaged_file_is_reported_once_and_ingested_when_it_is_whole(landing, take):
    whole = gzip.compress(b"{}\n" * 1000)
    path = drop(landing / "marks/a.json.gz")
    path.write_bytes(whole[:-9])

    found, ingestion = take()
    assert (found, len(ingestion.unreadable), take()[1].unreadable) == ([], 1, [])
    assert ingestion.unreadable[0].startswith("shop: marks/a.json.gz (")
    path.write_bytes(whole)

    assert take()[0] == [("b000000001", ["marks/a.json.gz"])]


def test_a_file_that_cannot_be_opened_is_reported_once_and_ingested_when_it_can_be(landing, take):
    path = landing / "marks/a.json"
    path.parent.mkdir()
    path.symlink_to("/proc/self/mem")
    stat = path.stat()

    found, ingestion = take()
    assert (found, len(ingestion.unreadable), take()[1].unreadable) == ([], 1, [])
    path.unlink()
    path.touch()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert take()[0] == [("b000000001", ["marks/a.json"])]

from datetime import UTC, datetime

from shoplake.engine.ingest.file_ingestion import BatchResult
from shoplake.pipeline.run_result import NullListener, RunResult

EARLY, LATE = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2))


def test_batches_are_added_up_and_the_oldest_file_counts():
    result = RunResult("r1")

    for batch in (BatchResult(2, 20, LATE, ("shop: marks_raw.x",)), BatchResult(1, 5, None), BatchResult(1, 1, EARLY)):
        result.add(batch)

    assert (result.files, result.bytes, result.oldest_file_at) == (4, 26, EARLY)
    assert result.new_fields == ["shop: marks_raw.x"]


def test_without_times_there_is_no_oldest_file():
    result = RunResult("r1")
    result.add(BatchResult(1, 1, None))

    assert result.oldest_file_at is None


def test_a_listener_may_ignore_all_events():
    assert NullListener().started("silver.marks") is NullListener().finished(None) is None

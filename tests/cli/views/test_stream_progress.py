import io
import json
import threading
from datetime import UTC, datetime, timedelta

from rich.console import Console

from shoplake.cli.views.stream_progress import Tally, keep_up
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import RunResult, TableResult
from shoplake.pipeline.streaming_progress import StreamingUpdate
from shoplake.pipeline.streaming_query import StreamingMetrics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEP = TableResult("bronze.events_raw", WriteResult(1_000, 1_000), 0.5, 1_000, 1)
LIVE = StreamingMetrics(batches=1, rows=1_000, rows_per_second=800.0, state_rows=990, late_rows=17)
TOOK = StreamingUpdate(RunResult("r", files=3, oldest_file_at=NOW - timedelta(seconds=4), tables=[STEP]), LIVE)


def test_a_batch_is_a_line_with_its_speed_its_lag_and_how_the_live_events_go():
    assert Tally().line(TOOK, NOW) == (
        "2026-03-02T12:00:00Z batch 1: 3 files, 1,000 rows, 2,000 rows/s, lag 4.0 s; "
        "live: 1,000 rows in, 800 rows/s, 990 in state, 17 too late for it, not for the tables"
    )


def test_a_stream_that_did_nothing_has_nothing_to_tell():
    assert Tally().line(StreamingUpdate(RunResult(""), None), NOW) is None


class Fed:
    """A lake that streams what it is given; a signal comes when `stopped`."""

    def __init__(self, *streamed: StreamingUpdate, stopped: bool = False) -> None:
        self._streamed, self._stopped = streamed, stopped

    def stream(self, stop: threading.Event, every_s: float | None, late_s: float):
        yield from self._streamed
        if self._stopped:
            stop.set()


def last_line(lake: Fed) -> str:
    out = Console(file=io.StringIO(), width=200)
    keep_up(out, lake, None, 3600)
    return out.file.getvalue().splitlines()[-1]


def test_it_says_at_the_end_that_all_is_taken_or_that_it_was_stopped():
    assert last_line(Fed()) == "All that has come is taken. It took 0 files in 0 batches."
    assert last_line(Fed(TOOK)).startswith("All that has come is taken. It took 3 files in 1 batch. Live: 1,000 rows")
    assert last_line(Fed(stopped=True)).startswith("Stopped; the batch in work was finished. ")


def test_for_a_program_each_batch_is_one_object(capsys):
    keep_up(Console(file=io.StringIO()), Fed(TOOK), None, 3600, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["files"], said["events"], said["live"]["late_rows"]) == (3, 1_000, 17)

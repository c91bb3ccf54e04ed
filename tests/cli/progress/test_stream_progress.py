import io
import json
import threading
from datetime import UTC, datetime, timedelta

from rich.console import Console

from shoplake.cli.progress.stream_progress import StreamTotals, run_stream
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import RunResult, TableResult
from shoplake.pipeline.streaming.streaming_progress import StreamingUpdate
from shoplake.pipeline.streaming.streaming_query import StreamingMetrics

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STEP = TableResult("bronze.events_raw", WriteResult(1_000, 1_000), 0.5, 1_000, 1)
LIVE = StreamingMetrics(batches=1, rows=1_000, rows_per_second=800.0, state_rows=990, late_rows=17)
UPDATE = StreamingUpdate(RunResult("r", files=3, oldest_file_at=NOW - timedelta(seconds=4), tables=[STEP]), LIVE)


def test_a_batch_is_a_line_with_speed_lag_and_live_metrics():
    assert StreamTotals().add(UPDATE, NOW) == (
        "2026-03-02T12:00:00Z batch 1: 3 files, 1,000 rows, 2,000 rows/s, lag 4.0 s; "
        "live: 1,000 rows, 800 rows/s, state 990 rows, 17 late events dropped (kept in silver.events)"
    )


def test_an_update_without_files_is_not_printed():
    assert StreamTotals().add(StreamingUpdate(RunResult(""), None), NOW) is None


class FakeLake:
    """A lake that streams some updates, and then sets `stop` if it `is_stopped`."""

    def __init__(self, *updates: StreamingUpdate, is_stopped: bool = False) -> None:
        self._updates, self._is_stopped = updates, is_stopped

    def stream(self, stop: threading.Event, interval_s: float | None, allowed_lateness_s: float):
        yield from self._updates
        if self._is_stopped:
            stop.set()


def last_line(lake: FakeLake) -> str:
    console = Console(file=io.StringIO(), width=200)
    run_stream(console, lake, None, 3600)
    return console.file.getvalue().splitlines()[-1]


def test_the_last_line_names_the_totals_and_a_stop():
    assert last_line(FakeLake()) == "All new files are ingested: 0 files in 0 batches."
    assert last_line(FakeLake(UPDATE)).startswith("All new files are ingested: 3 files in 1 batch. Live: 1,000 rows")
    assert last_line(FakeLake(is_stopped=True)).startswith("Stopped after the current batch: ")


def test_as_json_each_batch_is_one_object_per_line(capsys):
    run_stream(Console(file=io.StringIO()), FakeLake(UPDATE), None, 3600, as_json=True)
    batch = json.loads(capsys.readouterr().out)
    assert (batch["files"], batch["events"], batch["live"]["late_rows"]) == (3, 1_000, 17)

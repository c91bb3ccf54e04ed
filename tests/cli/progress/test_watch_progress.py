import json
import threading
from datetime import UTC, datetime, timedelta

from shoplake.cli.progress.watch_progress import WatchView
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import RunResult, TableResult
from shoplake.quality.gates import Stop

STEP = TableResult("bronze.events_raw", WriteResult(1_000, 1_000), 0.5, 1_000, 1)


def add_run(view: WatchView, **result) -> bool:
    view.started(STEP.table)
    return view.add_run(RunResult("r", tables=[STEP], **result))


def test_the_line_has_files_speed_lag_runs_and_the_last_change():
    view = WatchView(threading.Event())
    add_run(view, files=3, oldest_file_at=datetime.now(UTC) - timedelta(seconds=4))
    view.add_run(RunResult("r"))
    line = view.line()
    assert line.startswith("watching: 3 files, ") and "rows/s, lag 4.0 s, 2 runs, last change " in line


def test_the_line_names_the_table_in_progress_and_a_stop():
    stop = threading.Event()
    view = WatchView(stop)
    view.started("silver.events")
    assert view.line().startswith("silver.events: 0 files, nothing yet")
    stop.set()
    assert view.line().startswith("finishing the current batch: ")


def test_a_run_without_files_is_not_printed_unless_a_file_needs_attention():
    view = WatchView(threading.Event())
    assert not view.add_run(RunResult("r"))
    assert view.add_run(RunResult("r", unreadable=["shop: a.parquet"]))
    assert view.add_run(RunResult("r", unmatched=["shop: order/a.json"]))


def test_a_stop_is_printed_once_and_again_after_it_had_ended():
    view, stopped = WatchView(threading.Event()), RunResult("r", stops=[Stop("silver.events", "rule", 9, 9, 0.5)])
    assert [view.add_run(each) for each in (stopped, stopped, RunResult("r"), stopped)] == [True, False, False, True]


def test_the_line_goes_on_in_a_new_process_with_the_counts_of_the_one_before():
    before, after = WatchView(threading.Event()), WatchView(threading.Event())
    add_run(before, files=3, oldest_file_at=datetime.now(UTC) - timedelta(seconds=4))

    after.resume(json.loads(json.dumps(before.to_json())))

    assert after.line() == before.line()
    assert after.line().startswith("watching: 3 files, ")


def test_the_line_says_that_the_watch_waits_for_another_process():
    view = WatchView(threading.Event())
    view.is_locked_out = True
    assert view.line().startswith("waiting for another process: 0 files")

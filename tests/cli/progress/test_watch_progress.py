import io
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import few_tables
import pytest
from rich.console import Console

from shoplake.cli.progress.watch_progress import WatchView, run_watch
from shoplake.engine.protocol import WriteResult
from shoplake.lake import Lake
from shoplake.pipeline.runner import RunResult, TableResult

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


class Endless:
    """A lake that is watched until it is stopped."""

    engine = None

    def watch(self, stop, interval_s, listener):
        os.kill(os.getpid(), signal.SIGINT)
        yield RunResult("r")
        assert stop.wait(5)


def test_a_signal_ends_it_with_one_line_and_restores_the_handlers():
    previous = signal.getsignal(signal.SIGINT)
    console = Console(file=io.StringIO(), width=80)
    run_watch(console, Endless(), 1.0)
    assert console.file.getvalue() == "Stopped after the current batch: 0 files in 1 run.\n"
    assert signal.getsignal(signal.SIGINT) is previous


@pytest.fixture
def watch(shop):
    """A process that watches the shop."""
    words = ["run", "--watch", "--interval", "200ms", "--config", shop]
    with subprocess.Popen([sys.executable, few_tables.__file__, *words], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(
    "sent", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_new_file_is_in_gold_and_a_signal_ends_the_watch_with_0(shop, watch, sent):
    assert " files, " in first_line(watch)
    write_event(shop.parent / "landing" / "events" / "late.json")
    assert ": 1 file, 1 row, " in first_line(watch)
    watch.send_signal(sent)
    last, _ = watch.communicate(timeout=30)
    assert (watch.returncode, last.splitlines()[-1][:13]) == (0, "Stopped after")
    [day] = Lake.open(shop).table("gold.funnel_daily").where("event_date = '2031-01-01'").collect()
    assert day.page_view_visitors == 1


def first_line(watch: subprocess.Popen) -> str:
    return next(line for line in watch.stdout if " rows/s" in line)


def write_event(path) -> None:
    """Write a file atomically, older than the minimum file age."""
    event = {"event_id": "late", "event_ts": "2031-01-01T12:00:00Z", "event_name": "page_view", "anonymous_id": "a"}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(event))
    os.utime(temporary, (0, datetime.now().timestamp() - 60))
    temporary.rename(path)

import io
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from shoplake.cli.views.watch_progress import Watching, keep_up
from shoplake.engine.protocol import WriteResult
from shoplake.lake import Lake
from shoplake.pipeline.runner import RunResult, TableResult

STEP = TableResult("bronze.events_raw", WriteResult(1_000, 1_000), 0.5, 1_000, 1)


def took(watching: Watching, **report) -> bool:
    watching.started(STEP.table)
    return watching.took(RunResult("r", tables=[STEP], **report))


def test_the_line_says_files_speed_lag_runs_and_the_last_change():
    watching = Watching(threading.Event())
    took(watching, files=3, oldest_file_at=datetime.now(UTC) - timedelta(seconds=4))
    watching.took(RunResult("r"))
    said = watching.line()
    assert said.startswith("watching: 3 files, ") and "rows/s, lag 4.0 s, 2 runs, last change " in said


def test_the_line_says_which_table_is_in_work_and_that_it_is_being_finished():
    stop = threading.Event()
    watching = Watching(stop)
    watching.started("silver.events")
    assert watching.line().startswith("silver.events: 0 files, nothing yet")
    stop.set()
    assert watching.line().startswith("finishing the batch in work: ")


def test_a_run_that_took_nothing_has_nothing_to_tell_unless_it_left_something():
    watching = Watching(threading.Event())
    assert not watching.took(RunResult("r"))
    assert watching.took(RunResult("r", unreadable=["shop: a.parquet"]))


class Endless:
    """A lake that is watched until it is told to stop."""

    engine = None

    def watch(self, stop, every_s, watcher):
        os.kill(os.getpid(), signal.SIGINT)
        yield RunResult("r")
        assert stop.wait(5)


def test_a_signal_ends_it_with_one_line_and_handlers_as_they_were():
    before = signal.getsignal(signal.SIGINT)
    out = Console(file=io.StringIO(), width=80)
    keep_up(out, Endless(), 1.0)
    assert out.file.getvalue() == "Stopped; the batch in work was finished. It took 0 files in 1 run.\n"
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def watch(shop):
    """A process that watches the shop."""
    words = ["run", "--watch", "--interval", "200ms", "--config", shop]
    with subprocess.Popen([sys.executable, "-m", "shoplake", *words], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("sent", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_file_that_is_dropped_is_in_gold_and_a_signal_ends_the_watch_with_0(shop, watch, sent):
    assert " files, " in first_line(watch)
    drop(shop.parent / "landing" / "events" / "late.json")
    assert ": 1 file, 1 row, " in first_line(watch)
    watch.send_signal(sent)
    last, _ = watch.communicate(timeout=30)
    assert (watch.returncode, last.splitlines()[-1][:8]) == (0, "Stopped;")
    [day] = Lake.open(shop).table("gold.funnel_daily").where("event_date = '2031-01-01'").collect()
    assert day.page_view_visitors == 1


def first_line(watch: subprocess.Popen) -> str:
    return next(line for line in watch.stdout if " rows/s" in line)


def drop(path) -> None:
    """A file in place at once, and old enough not to be waited for."""
    event = {"event_id": "late", "event_ts": "2031-01-01T12:00:00Z", "event_name": "page_view", "anonymous_id": "a"}
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(event))
    os.utime(beside, (0, datetime.now().timestamp() - 60))
    beside.rename(path)

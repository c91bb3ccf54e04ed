import io
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime

import few_tables
import pytest
from rich.console import Console

from shoplake.cli.watch import watch_loop
from shoplake.cli.watch.memory_rule import MemoryRule
from shoplake.cli.watch.process_restart import Handover, ProcessRestart
from shoplake.cli.watch.watch_loop import run_watch
from shoplake.cli.watch.watch_restart import WatchRestart
from shoplake.declare.catalog import Catalog
from shoplake.engine.protocol import WriteResult
from shoplake.errors import LakeLockedError, SettingsError, ShoplakeError
from shoplake.lake import Lake
from shoplake.pipeline.runner import RunResult, TableResult

WRITTEN = RunResult("r", tables=[TableResult("bronze.events_raw", WriteResult(1, 1), 0.5, 1, 1)], files=1)
NOTHING = RunResult("r")


class Watched:
    """A lake whose watch has these results; it is stopped by a signal after the last one."""

    engine, catalog = None, Catalog([])

    def __init__(self, *results, locked=0):
        self.results, self.locked = results, locked

    def watch(self, stop, interval_s, listener, pace):
        if self.locked:
            self.locked -= 1
            raise LakeLockedError("Process 7 on shop-1 has been writing.")
        pace.began_at = 0.0
        for result in self.results:
            if stop.is_set():
                return
            yield result
        if stop.is_set():
            return
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(5)


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=200)


def restart_above(limit, handover=None, **options):
    rule = MemoryRule(limit, None, lambda: 100 << 20)
    return WatchRestart(rule, handover, settle_s=0.0, **options)


def handed_over(state):
    """What an earlier process has handed over, without a signal."""
    signals, writer = os.pipe()
    os.close(writer)
    return Handover(state, signals)


def test_a_signal_ends_it_with_one_line_and_restores_the_handlers(console):
    previous = signal.getsignal(signal.SIGINT)
    run_watch(console, Watched(NOTHING), 1.0)
    assert console.file.getvalue() == "Stopped after the current batch: 0 files in 1 run.\n"
    assert signal.getsignal(signal.SIGINT) is previous


@pytest.fixture
def kept_handlers():
    """Restores the handlers, which stay in place until a process is another one."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_process_that_has_grown_ends_between_runs_and_hands_over_the_watch(console, kept_handlers):
    with pytest.raises(ProcessRestart) as restart:
        run_watch(console, Watched(NOTHING, WRITTEN, NOTHING), 1.0, restart=restart_above(99 << 20))

    state = restart.value.state
    assert (state["view"]["files"], state["view"]["runs"], state["resident_mib"]) == (1, 2, 100)
    assert not restart.value.is_stopped()
    os.kill(os.getpid(), signal.SIGTERM)
    assert restart.value.is_stopped()


def test_a_process_below_its_limit_goes_on(console):
    run_watch(console, Watched(WRITTEN, WRITTEN), 1.0, restart=restart_above(100 << 20))
    assert console.file.getvalue().endswith("Stopped after the current batch: 2 files in 2 runs.\n")


def test_a_process_that_could_not_start_goes_on_and_says_so_once(console):
    def check():
        raise SettingsError("shoplake.toml is not valid TOML.")

    run_watch(console, Watched(WRITTEN, WRITTEN), 1.0, restart=restart_above(1, check=check))

    assert console.file.getvalue().count("does not start itself again. shoplake.toml is not valid TOML.") == 1
    assert console.file.getvalue().endswith("2 files in 2 runs.\n")


def test_a_watch_goes_on_with_the_counts_and_metrics_of_the_process_before(console, kept_handlers):
    with pytest.raises(ProcessRestart) as restart:
        run_watch(console, Watched(WRITTEN), 1.0, restart=restart_above(1))
    shown = []

    run_watch(
        console,
        Watched(NOTHING, WRITTEN),
        1.0,
        after_run=lambda: shown.append(console.file.getvalue().count(": 1 file")),
        restart=restart_above(None, handed_over(restart.value.state)),
    )

    assert shown == [1, 1, 2]
    assert " run 3: 1 file" in console.file.getvalue()
    assert console.file.getvalue().endswith("Stopped after the current batch: 2 files in 3 runs.\n")


def test_a_watch_goes_on_where_its_metrics_cannot_be_read_at_once(console):
    answers = iter([ShoplakeError("A restore is not finished."), None])

    def after_run():
        if error := next(answers):
            raise error

    run_watch(console, Watched(NOTHING), 1.0, after_run=after_run, restart=restart_above(None, handed_over(STATE)))

    assert console.file.getvalue() == "Stopped after the current batch: 4 files in 3 runs.\n"
    assert next(answers, "all were read") == "all were read"


def test_what_another_version_has_handed_over_is_left_out(console):
    run_watch(console, Watched(NOTHING), 1.0, restart=restart_above(None, handed_over({"view": {"steps": 1}})))
    assert console.file.getvalue() == "Stopped after the current batch: 0 files in 1 run.\n"


STATE = {
    "view": {"files": 4, "runs": 2, "rows": 0, "duration_s": 0.0, "lag_s": None, "changed_at": None},
    "pace": {"updated_at": {}, "quiet_s": 0.0, "began_at": 0.0},
}


def test_a_watch_that_goes_on_waits_for_another_process_that_writes(console, monkeypatch):
    monkeypatch.setattr(watch_loop, "LOCK_RETRY_S", 0.01)

    run_watch(console, Watched(NOTHING, locked=2), 1.0, restart=restart_above(None, handed_over(STATE)))

    assert console.file.getvalue() == (
        "The watch waits. Process 7 on shop-1 has been writing.\nStopped after the current batch: 4 files in 3 runs.\n"
    )


def test_a_watch_that_waits_for_another_process_is_stopped_by_a_signal(console):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()

    run_watch(console, Watched(locked=1_000), 1.0, restart=restart_above(None, handed_over(STATE)))

    assert console.file.getvalue().endswith("Stopped after the current batch: 4 files in 2 runs.\n")


def test_a_watch_that_begins_does_not_wait_for_another_process(console):
    with pytest.raises(LakeLockedError):
        run_watch(console, Watched(NOTHING, locked=1), 1.0, restart=restart_above(None))


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
    last, _ = watch.communicate(timeout=120)
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

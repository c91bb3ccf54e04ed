"""Runs again and again until a signal, with a live line on a terminal; elsewhere one line per run with files."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from rich.live import Live

from shoplake.cli.commands.lake.run_outputs import observed
from shoplake.cli.console import pluralize
from shoplake.cli.output import write_json
from shoplake.cli.progress.watch_progress import WatchView
from shoplake.cli.views.run.run_result import RunResultView, print_warnings
from shoplake.cli.watch.stop_signals import StopSignals
from shoplake.errors import LakeLockedError, ShoplakeError
from shoplake.pipeline.scheduler import WatchPace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from shoplake.cli.watch.watch_restart import WatchRestart
    from shoplake.lake import Lake
    from shoplake.pipeline.runner import RunResult

LOCK_RETRY_S = 1.0

log = logging.getLogger("shoplake.watch")


def run_watch(
    console: Console,
    lake: Lake,
    interval_s: float,
    *,
    config: Path | None = None,
    as_json: bool = False,
    after_run: Callable[[], None] = lambda: None,
    lineage: str | None = None,
    restart: WatchRestart | None = None,
) -> None:
    """Run every `interval_s` seconds until SIGINT or SIGTERM; the current batch is finished first.

    `config` is the settings file. `after_run` is called after the first run of a process, and after each that changed
    something. `lineage` is where lineage events are sent to; runs that write nothing have none. With `restart`,
    ProcessRestart is raised between two runs where the process has grown too much.
    """
    stop = threading.Event()
    view, pace = WatchView(stop), WatchPace(lake.catalog)
    _ = lake.engine  # started first: Sail installs a SIGINT handler that would replace ours
    with StopSignals(stop) as signals, observed(lake, view, lineage) as (listener, completed):
        results = partial(lake.watch, stop, interval_s, listener, pace)
        if restart is not None and restart.resume(signals, view=view, pace=pace):
            with suppress(ShoplakeError):  # as while another process restores the lake
                after_run()
            results = partial(_once_unlocked, results, console, view, stop)
        with _live(console, view):
            for number, result in enumerate(results()):
                if result.has_news:
                    completed()
                is_news = view.add_run(result)
                if is_news:
                    _print_run(console, view, result, config, as_json=as_json)
                if is_news or number == 0:
                    after_run()
                if restart is not None and restart.is_due_after(result, stop, console):
                    view.is_restarting = True
                    stop.set()
        if restart is not None and view.is_restarting and not signals.received:
            restart.begin(signals, partial(_print_end, console, view), view=view, pace=pace)
    _print_end(console, view)


def _once_unlocked(
    results: Callable[[], Iterator[RunResult]], console: Console, view: WatchView, stop: threading.Event
) -> Iterator[RunResult]:
    """Yield the results of a watch that goes on; it first waits for a process that has begun to write meanwhile."""
    has_begun = False
    while not stop.is_set():
        try:
            for result in results():
                has_begun, view.is_locked_out = True, False
                yield result
            return
        except LakeLockedError as error:
            if has_begun:
                raise
            if not view.is_locked_out:
                view.is_locked_out = True
                log.warning("the watch waits until it can write: %s", error)
                console.print(f"The watch waits. {error}", soft_wrap=True)
        stop.wait(LOCK_RETRY_S)


@contextmanager
def _live(console: Console, view: WatchView) -> Iterator[None]:
    """Show the present state in the last line of a terminal."""
    live = Live(view, console=console, transient=True, refresh_per_second=8)
    if console.is_terminal:
        live.start()
    try:
        yield
    finally:
        live.stop()


def _print_run(console: Console, view: WatchView, result: RunResult, config: Path | None, *, as_json: bool) -> None:
    if as_json:
        lag_s = round(view.lag_s, 3) if result.files and view.lag_s is not None else None
        write_json(RunResultView(result, view.duration_s).to_json() | {"lag_s": lag_s}, indent=None)
        return
    print_warnings(console, result, config)
    if result.files and not console.is_terminal:
        counts = f"{pluralize(result.files, 'file')}, {pluralize(view.rows, 'row')}, {view.rate}"
        console.print(f"{view.changed_at:%Y-%m-%dT%H:%M:%SZ} run {view.runs}: {counts}", soft_wrap=True)


def _print_end(console: Console, view: WatchView) -> None:
    total = f"{pluralize(view.files, 'file')} in {pluralize(view.runs, 'run')}"
    console.print(f"Stopped after the current batch: {total}.", soft_wrap=True)

"""Runs tables in topological order, each after its inputs, independent ones in parallel; and runs again and again."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from shoplake.declare.gate import seconds
from shoplake.engine import RunSelection
from shoplake.errors import EngineMemoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.pipeline.run_result import RunResult

MAX_PARALLEL_TABLES = min(2, os.cpu_count() or 1)
"""A small table is mostly planning and waiting, so that two take little longer than one."""
QUIET_S = 10.0
"""Seconds without a new file after which no table waits."""

log = logging.getLogger("shoplake.pipeline")


def run_topologically(
    tables: Sequence[Table[...]],
    update: Callable[[Table[...]], None],
    parallel: int = MAX_PARALLEL_TABLES,
    is_idle: Callable[[Table[...]], bool] = lambda _: False,
) -> None:
    """Call `update` for each table once its inputs among the tables are done, for `parallel` tables at a time.

    A table that `is_idle`, asked once its inputs are done, is updated in this thread: another one would cost more.
    A call that raises EngineMemoryError beside others is made once more when they are done, alone. After the first
    other error nothing else begins; it is raised when the calls in progress are done.
    """
    if parallel == 1:
        for table in tables:
            update(table)
        return
    known = {table.name: table for table in tables}
    order = TopologicalSorter({table.name: [name for name in table.inputs if name in known] for table in tables})
    order.prepare()
    waiting, alone, running = list[str](), list[str](), dict[Future[None], str]()
    try:
        while order.is_active():
            ready = {*waiting, *_update_idle(order, known, update, is_idle)}
            waiting = [name for name in known if name in ready]
            for name in waiting[: 0 if alone else parallel - len(running)]:
                running[_pool(parallel).submit(update, known[name])] = name
                waiting.remove(name)
            if running:
                alone += _finish_first(order, running)
            elif alone:
                _pool(parallel).submit(update, known[alone[0]]).result()
                order.done(alone.pop(0))
    finally:
        wait(running)


def _finish_first(order: TopologicalSorter[str], running: dict[Future[None], str]) -> list[str]:
    """Wait for the first of the running tables; return those that lacked memory beside another one."""
    short = list[str]()
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for each in done:
        name = running.pop(each)
        if isinstance(each.exception(), EngineMemoryError):
            log.warning("%s: the memory does not suffice beside another table; it is built alone", name)
            short.append(name)
            continue
        order.done(name)
        each.result()
    return short


def _update_idle(
    order: TopologicalSorter[str],
    known: Mapping[str, Table[...]],
    update: Callable[[Table[...]], None],
    is_idle: Callable[[Table[...]], bool],
) -> list[str]:
    """Update the idle ones of the tables that are ready, and of those that become ready by it; return the others."""
    others = list[str]()
    while names := order.get_ready():
        idle = [name for name in names if is_idle(known[name])]
        for name in idle:
            update(known[name])
        others += [name for name in names if name not in idle]
        order.done(*idle)
    return others


class WatchPace:
    """Lets the tables that declare a `watch_interval` wait for it between two updates.

    The first run updates all tables, and so does a run when no file has come for `QUIET_S` seconds: a watched lake is
    up to date soon after the last file. `clock` returns seconds, the same ones in each process of a machine.
    `began_at` is when the last run began.
    """

    def __init__(self, catalog: Catalog, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._intervals = {
            table.name: seconds(table.watch_interval) for table in catalog.values() if table.watch_interval
        }
        self._updated_at: dict[str, float] = {}
        self._changed_at = clock()
        self.began_at: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what a later process needs to go on at this pace."""
        quiet_s = self._clock() - self._changed_at
        return {"updated_at": self._updated_at, "quiet_s": quiet_s, "began_at": self.began_at}

    def resume(self, values: Mapping[str, Any]) -> None:
        """Go on at the pace that `to_json` of an earlier process returned; times to come count as now.

        The time since then is not quiet: nobody has looked whether files came.
        """
        now = self._clock()
        updated_at = {name: min(now, at) for name, at in values["updated_at"].items() if name in self._intervals}
        self._changed_at, self.began_at = now - values["quiet_s"], min(now, values["began_at"])
        self._updated_at = updated_at

    def repeat(self, run: Callable[..., RunResult], stop: Event, interval_s: float) -> Iterator[RunResult]:
        """Yield the result of `run` every `interval_s` seconds until `stop` is set; a run that has begun is finished.

        What each run updates is its keyword argument `selection`.
        """
        while not stop.wait(self._wait_s(interval_s)):
            yield self.update(run)

    def update(self, run: Callable[..., RunResult]) -> RunResult:
        """Call `run` once, with what it updates as its keyword argument `selection`."""
        selection = self._select()
        result = run(selection=selection)
        self._note(selection, result)
        return result

    def _wait_s(self, interval_s: float) -> float:
        """Return the seconds until the next run begins."""
        return 0.0 if self.began_at is None else max(0.0, self.began_at + interval_s - self._clock())

    def _select(self) -> RunSelection:
        """Return what the next run updates."""
        now = self.began_at = self._clock()
        if now - self._changed_at >= QUIET_S:
            return RunSelection()
        waiting = (name for name, at in self._updated_at.items() if now - at < self._intervals[name])
        return RunSelection(postponed=frozenset(waiting))

    def _note(self, selection: RunSelection, result: RunResult) -> None:
        """Note which tables a run has brought up to date, and whether files came."""
        now = self._clock()
        self._updated_at |= dict.fromkeys(self._intervals.keys() - selection.postponed, now)
        if result.files:
            self._changed_at = now


@cache
def _pool(size: int) -> ThreadPoolExecutor:
    """Threads that stay from run to run, and with them the tables that each has open."""
    return ThreadPoolExecutor(size, "shoplake")

"""Runs tables in topological order: each after its inputs, independent ones in parallel."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, TypeVar

from shoplake.errors import EngineMemoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from shoplake.declare import Table

Result = TypeVar("Result")
MAX_PARALLEL_TABLES = min(2, os.cpu_count() or 1)
"""A small table is mostly planning and waiting, so that two take little longer than one."""

log = logging.getLogger("shoplake.pipeline")


def run_topologically(
    tables: Sequence[Table[...]], update: Callable[[Table[...]], None], parallel: int = MAX_PARALLEL_TABLES
) -> None:
    """Call `update` for each table once its inputs among the tables are done, for `parallel` tables at a time.

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
            ready = {*waiting, *order.get_ready()}
            waiting = [name for name in known if name in ready]
            for name in waiting[: 0 if alone else parallel - len(running)]:
                running[_pool(parallel).submit(update, known[name])] = name
                waiting.remove(name)
            if not running:
                _pool(parallel).submit(update, known[alone[0]]).result()
                order.done(alone.pop(0))
                continue
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                name = running.pop(each)
                if isinstance(each.exception(), EngineMemoryError):
                    log.warning("%s: the memory does not suffice beside another table; it is built alone", name)
                    alone.append(name)
                    continue
                order.done(name)
                each.result()
    finally:
        wait(running)


def repeat(run: Callable[[], Result], stop: Event, interval_s: float) -> Iterator[Result]:
    """Yield the result of `run` every `interval_s` seconds until `stop` is set; a run that has begun is finished."""
    while not stop.is_set():
        started = time.monotonic()
        yield run()
        stop.wait(max(0.0, interval_s - (time.monotonic() - started)))


@cache
def _pool(size: int) -> ThreadPoolExecutor:
    """Threads that stay from run to run, and with them the tables that each has open."""
    return ThreadPoolExecutor(size, "shoplake")

"""The order in which tables are brought up to date: each after those it reads, two that do not wait at once."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shoplake.declare import Table

MAX_PARALLEL_TABLES = min(2, os.cpu_count() or 1)
"""Tables in work. A small one is mostly planning and waiting, so that two take little longer than one."""


def run_topologically(
    tables: Sequence[Table[...]], bring: Callable[[Table[...]], None], at_once: int = MAX_PARALLEL_TABLES
) -> None:
    """Bring each table up to date once those among them that it reads are.

    The first error ends it when what is in work is done; nothing else is begun.
    """
    if at_once == 1:
        for table in tables:
            bring(table)
        return
    known = {table.name: table for table in tables}
    order = TopologicalSorter({table.name: [name for name in table.inputs if name in known] for table in tables})
    order.prepare()
    waiting, in_work = list[str](), dict[Future[None], str]()
    try:
        while order.is_active():
            ready = {*waiting, *order.get_ready()}
            waiting = [name for name in known if name in ready]
            for name in waiting[: at_once - len(in_work)]:
                in_work[_pool().submit(bring, known[name])] = name
                waiting.remove(name)
            done, _ = wait(in_work, return_when=FIRST_COMPLETED)
            for each in done:
                order.done(in_work.pop(each))
                each.result()
    finally:
        wait(in_work)


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads that stay from run to run, and with them what each has open."""
    return ThreadPoolExecutor(MAX_PARALLEL_TABLES, "shoplake")

"""Ends queries of the embedded engine that stand still.

DataFusion 55, which Sail 0.7.2 is built on, may wait for itself for ever where a step of a query spills what two others
send to it: https://github.com/apache/datafusion/issues/24883. Such a query neither ends nor fails.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import TYPE_CHECKING

from pyspark.errors import PySparkException

from shoplake.errors import EngineMemoryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

STILL_S = 60.0
"""How long a query that has spilled stands still before it is ended."""
CHECKS = 12
"""How often that is looked at in this time."""
LEAST_CPU = 0.03
"""Share of a core that a process uses whose queries go on."""
LEAST_BLOCKS = 200
"""Blocks of 512 bytes a second that it reads or writes, on a slow disk."""
ended: set[str] = set()
"""The ids of the operations that were ended."""
ending = threading.Lock()
"""Held while queries are ended: their errors may arrive before their ids."""

log = logging.getLogger("shoplake.engine.sail")


class QueryStalledError(EngineMemoryError):
    """A query was ended because it stood still; the same one goes through with one task a step."""

    def __init__(self) -> None:
        super().__init__("it stood still, its steps waiting for one another")


class StallWatch:
    """Looks after the queries of one server in a thread of its own, as long as the process lives.

    `session` returns the session on it, and `spilled` is the folder into which its queries spill: where it has no
    files, none can stand still.
    """

    def __init__(self, session: Callable[[], SparkSession | None], spilled: Path, still_s: float = STILL_S) -> None:
        self._session, self._spilled, self._still_s = session, spilled, still_s
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._watch, name="stall-watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _watch(self) -> None:
        interval_s, checks = self._still_s / CHECKS, 0
        before = _used()
        while not self._stopped.wait(interval_s):
            now = _used()
            goes_on = now[0] - before[0] > LEAST_CPU * interval_s or now[1] - before[1] > LEAST_BLOCKS * interval_s
            checks = 0 if goes_on or next(self._spilled.glob("*/*"), None) is None else checks + 1
            before = now
            if checks >= CHECKS:
                self._end_queries()
                checks = 0

    def _end_queries(self) -> None:
        session = self._session()
        with ending:
            try:
                ids = session.interruptAll() if session is not None else []
            except PySparkException as error:
                log.warning("a query stands still, and could not be ended: %s", error)
                return
            ended.update(ids)
        if ids:  # none where a query that was ended has left files behind
            log.warning("%d queries stood still for %.0f s and were ended", len(ids), self._still_s)


def is_of_stall(message: str) -> bool:
    """Whether an error of a query that the server no longer knows is of one that was ended because it stood still."""
    return ending.locked() or any(id in message for id in ended)


def _used() -> tuple[float, int]:
    """Return the CPU seconds of this process, and the blocks that it has read and written, where the system says."""
    blocks = 0
    if sys.platform != "win32":
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        blocks = usage.ru_inblock + usage.ru_oublock
    return time.process_time(), blocks

"""The embedded engine: Sail, a Spark Connect server inside this process, on loopback."""

from __future__ import annotations

import atexit
import json
import logging
import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.engine.session.connect_client import make_active, quiet_client
from shoplake.engine.session.resources import MIN_QUERY_BYTES, query_memory
from shoplake.engine.session.spill_folder import SpillFolder, make_spill_folder
from shoplake.engine.session.stalled_queries import StallWatch
from shoplake.missing_engine import EngineNotInstalledError

if TYPE_CHECKING:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

TUNED = {
    "RUST_LOG": "error",
    "MIMALLOC_PURGE_DELAY": "2000",  # ms that freed memory is kept: returning it and asking again costs a tenth
    "MIMALLOC_ARENA_EAGER_COMMIT": "0",  # memory is not touched before it is used: a tenth of a short run
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": "31536000",  # a year: a watched folder or a notebook may be idle for days
}
LARGE_BATCHES = {"SAIL_EXECUTION__BATCH_SIZE": "32768"}
"""Rows per batch with at least `LARGE_BATCH_MEMORY`, or without a limit: a run is 6 % faster than with 8,192, the
default, but buffers more."""
LARGE_BATCH_MEMORY = 7 << 30
"""Bytes; with a limit of 3 GiB and the larger batches, sorts of 24 M events fail."""
SPILL_PATHS = "SAIL_RUNTIME__TEMPORARY_FILES__PATHS"
"""Folders for what does not fit into memory, as a JSON list."""
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.python.sql.dataFrameDebugging.enabled": "false",  # or each column looks for IPython: 0.1 s per run
}
log = logging.getLogger("shoplake.engine.sail")


@dataclass
class _Running:
    """A server and the sessions on it, and who looks after its queries where their memory is limited."""

    server: SparkConnectServer
    spill: SpillFolder | None
    session: SparkSession | None = None
    watch: StallWatch | None = None
    first_come: SparkSession | None = None


class SailServers:
    """The embedded servers of a process, one per memory limit, each started by the first session on it.

    The limit, and the allocator settings that Sail reads at its start, are environment variables; those of a limit are
    set while its server starts and unset after. `TZ` is set to UTC for good: Sail's Python functions read it from the C
    library, which has one time zone per process.
    """

    def __init__(self, min_query_bytes: int = MIN_QUERY_BYTES) -> None:
        self._min_query_bytes = min_query_bytes
        self._running: dict[int | None, _Running] = {}
        self._lock = threading.RLock()

    def session(self, memory_bytes: int | None = None) -> SparkSession:
        """Return the session on the server with this memory limit, and make it the thread's active one.

        `memory_bytes` limits the process: queries may use `query_memory` of it, and spill beyond that.
        """
        with self._lock:
            running = self._running.get(memory_bytes)
            if running is None:
                running = self._running[memory_bytes] = _start(memory_bytes, self._min_query_bytes)
                self._stop_at_end()
            if running.session is None or running.session.is_stopped:  # type: ignore[attr-defined]
                running.session = _connect(running.server)
                self._stop_at_end()  # before what the client does then
            session = running.session
        _set_up(session)
        if threading.current_thread() is threading.main_thread():
            signal.signal(
                signal.SIGINT, signal.getsignal(signal.SIGINT)
            )  # Sail's first call replaced it: Ctrl-C is ours
        return make_active(session)

    def first_come(self, session: SparkSession) -> SparkSession | None:
        """Return a session beside another one of this process, whose queries take memory as they ask for it.

        In the other one each step of a query may have the same share of it, used or not. None without a memory limit.
        """
        with self._lock:
            for memory_bytes, running in self._running.items():
                if memory_bytes and running.session is session:
                    if running.first_come is None:
                        running.first_come = _connect(running.server)
                        make_active(session)
                        self._stop_at_end()
                        _set_up(running.first_come)
                        size = query_memory(memory_bytes, self._min_query_bytes) >> 10
                        running.first_come.sql(f"SET datafusion.runtime.memory_limit='{size}K'")
                    return running.first_come
        return None

    def _stop_at_end(self) -> None:
        """Stop when the process ends, before all else that is registered so far.

        A client that is open then asks a query, which has no answer where a signal interrupted another one.
        """
        atexit.unregister(self.stop)
        atexit.register(self.stop)

    def addresses(self) -> list[tuple[str, int]]:
        """Return the host and port of each running server."""
        return [running.server.listening_address for running in self._running.values()]

    def stop(self) -> None:
        """Stop all sessions and servers."""
        with self._lock:
            running, self._running = list(self._running.values()), {}
        for each in running:
            if each.watch is not None:
                each.watch.stop()
            for session in (each.first_come, each.session):
                if session is not None:
                    session.stop()
        for each in running:
            each.server.stop()
            if each.spill is not None:
                each.spill.remove()


SERVERS = SailServers()
"""Those of this process: a server is too heavy to have two with the same limit."""


def session(memory_bytes: int | None = None) -> SparkSession:
    """Return a session on this process's server with that memory limit, in bytes; see `SailServers.session`."""
    return SERVERS.session(memory_bytes)


def environment(memory_bytes: int | None = None, least: int = MIN_QUERY_BYTES) -> dict[str, str]:
    """Return the variables that Sail reads at its start; those that are set already take precedence."""
    variables = dict(TUNED)
    if memory_bytes is None or memory_bytes >= LARGE_BATCH_MEMORY:
        variables |= LARGE_BATCHES
    if memory_bytes:
        variables |= {
            "SAIL_RUNTIME__MEMORY_POOL__TYPE": "fair",
            "SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE": str(query_memory(memory_bytes, least)),
        }
    return variables


def _start(memory_bytes: int | None, least: int) -> _Running:
    os.environ["TZ"] = "UTC"
    time.tzset()
    wanted, spill = environment(memory_bytes, least), None
    if SPILL_PATHS not in os.environ and (spill := make_spill_folder()) is not None:
        wanted[SPILL_PATHS] = json.dumps([str(spill.path)], ensure_ascii=False)
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        pa.set_memory_pool(pa.system_memory_pool())
        server = _new_server()
        server.start(background=True)
    except BaseException:
        if spill is not None:
            spill.remove()
        raise
    finally:
        for name in added:
            os.environ.pop(name, None)
    log.info("server started on port %d, memory limit %s", server.listening_address[1], memory_bytes or "none")
    running = _Running(server, spill)
    if memory_bytes and spill is not None:
        running.watch = StallWatch(lambda: running.session, spill.path)
        running.watch.start()
    return running


def _set_up(session: SparkSession) -> None:
    for name, value in SETTINGS.items():
        session.conf.set(name, value)


def _new_server() -> SparkConnectServer:
    try:
        from pysail.spark import SparkConnectServer
    except ModuleNotFoundError as error:
        raise EngineNotInstalledError.of_import(error) from error
    server: SparkConnectServer = SparkConnectServer(port=0)
    return server


def _connect(server: SparkConnectServer) -> SparkSession:
    from pyspark.sql import SparkSession

    quiet_client()
    return SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").create()

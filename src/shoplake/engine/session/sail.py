"""The embedded engine: Sail, a Spark Connect server inside this process, on loopback."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import SparkSession

if TYPE_CHECKING:
    from pysail.spark import SparkConnectServer

TUNED = {
    "RUST_LOG": "error",
    "MIMALLOC_PURGE_DELAY": "2000",  # ms that unused memory is kept: giving it back and taking it again cost a tenth
    "MIMALLOC_ARENA_EAGER_COMMIT": "0",  # memory is not touched before it is used: a tenth of a short run
}
ROOMY = {"SAIL_EXECUTION__BATCH_SIZE": "32768"}
"""Rows a block, with `ROOM` or without a cap: a run takes 6 % less than with 8,192, the default, but buffers more."""
ROOM = 7 << 30
"""Bytes; with a cap of 3 GiB and the larger blocks, sorts of 24 M events failed."""
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.python.sql.dataFrameDebugging.enabled": "false",  # or each column looks for IPython: 0.1 s a run
}

BESIDES = 3 << 29
"""Bytes: so much was resident at most beyond what queries held."""

_servers: list[SparkConnectServer] = []
_sessions: list[SparkSession] = []


def session(memory_bytes: int | None = None) -> SparkSession:
    """A session on this process's Sail server, started at the first call; later calls share its memory cap.

    `memory_bytes` is what this process may hold in all: queries may hold `pool` of it, and beyond that they spill.
    """
    if not _servers:
        _servers.append(_start(memory_bytes))
    if not _sessions or _sessions[0].is_stopped:  # type: ignore[attr-defined]
        _, port = _servers[0].listening_address
        _sessions[:] = [SparkSession.builder.remote(f"sc://127.0.0.1:{port}").create()]
    spark = _sessions[0]
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))  # Sail took it at the first call; Ctrl-C is ours
    return spark


def pool(memory_bytes: int) -> int:
    """How much of a process's memory its queries may hold: the rest is for Python, for files being read and written."""
    return max(memory_bytes - BESIDES, memory_bytes // 3)


def environment(memory_bytes: int | None = None) -> dict[str, str]:
    """What Sail reads of its environment at its start, unless somebody has set it."""
    told = dict(TUNED)
    if memory_bytes is None or memory_bytes >= ROOM:
        told |= ROOMY
    if memory_bytes:
        told |= {
            "SAIL_RUNTIME__MEMORY_POOL__TYPE": "fair",
            "SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE": str(pool(memory_bytes)),
        }
    return told


def _start(memory_bytes: int | None) -> SparkConnectServer:
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ.update(environment(memory_bytes) | os.environ)
    pa.set_memory_pool(pa.system_memory_pool())
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(port=0)
    server.start(background=True)
    atexit.register(_stop)
    return server


def _stop() -> None:
    while _sessions:
        _sessions.pop().stop()
    while _servers:
        _servers.pop().stop()

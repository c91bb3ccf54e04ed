"""The embedded engine: Sail, a Spark Connect server inside this process, on loopback."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from shoplake.engine import client as _client  # noqa: F401 (must come before the first session)

if TYPE_CHECKING:
    from pysail.spark import SparkConnectServer

SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}

_servers: list[SparkConnectServer] = []
_sessions: list[SparkSession] = []


def session(memory_bytes: int | None = None) -> SparkSession:
    """A session on this process's Sail server, started at the first call; later calls share its memory cap.

    `memory_bytes` caps what queries may hold; beyond it they spill to disk.
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


def _start(memory_bytes: int | None) -> SparkConnectServer:
    os.environ.setdefault("RUST_LOG", "error")
    os.environ["TZ"] = "UTC"
    time.tzset()
    if memory_bytes:
        os.environ.setdefault("SAIL_RUNTIME__MEMORY_POOL__TYPE", "fair")
        os.environ.setdefault("SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE", str(memory_bytes))
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

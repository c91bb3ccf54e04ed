"""The server: granian's workers over one store, and the builds that keep the store up to date."""

import atexit
import gc
import multiprocessing
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from shoplake.lake import Lake
from shoplake.log import configure_logging
from shoplake.serve.address import find_address
from shoplake.serve.app import create_app
from shoplake.serve.build_process import BuildLoop
from shoplake.serve.keys.key_store import open_keys
from shoplake.serve.parts import load_parts
from shoplake.serve.store.reader import StoreReader
from shoplake.settings.serve_settings import ServeSettings

HEADER_TIMEOUT_MS = 10_000
MAX_HEADER_BYTES = 32 * 1024
MAX_CONNECTIONS = 256
STOP_S = 10


@dataclass(frozen=True)
class LogOptions:
    """The level and the format of log records; without a level only builds of the store that fail are logged."""

    level: str | None = None
    format: str = "text"


LOG_NOTHING = LogOptions()


def load_app(config: Path, settings: ServeSettings, log: LogOptions = LOG_NOTHING) -> FastAPI:
    """Return the application of the lake of a settings file; each worker loads its own."""
    if log.level is not None:
        configure_logging(log.level, log.format)
    lake = Lake.open(config)
    store = StoreReader(settings.store_folder(lake.settings.lake), lake.catalog.ordered, settings)
    store.start()
    atexit.register(store.stop)
    keys = open_keys(settings)
    return create_app(store, keys, settings, load_parts(lake, keys.signing_secret))


def load_in_worker(config: Path, settings: ServeSettings, log: LogOptions = LOG_NOTHING) -> FastAPI:
    """Return the application as `load_app` does, for a process that serves nothing else.

    Modules and routes stay until the process ends, and garbage is not searched for in them: that took a fifth of the
    CPU time of a look-up. At the end it is, or DuckDB's library reports all that it still finds as leaked.
    """
    app = load_app(config, settings, log)
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
    return app


def serve(config: Path, settings: ServeSettings, log: LogOptions = LOG_NOTHING) -> None:
    """Serve until Ctrl-C or SIGTERM, or until the terminal is closed. Raises AddressError.

    A client must send its headers within 10 s and 32 KiB. A worker holds 256 connections; others wait for one of them.
    """
    if log.level is None:  # this process only builds the store
        configure_logging("warning", log.format)
    multiprocessing.set_start_method("spawn", force=True)  # threads of this process must not be forked
    server = Granian(
        "shoplake.serve.server:load_app",
        address=find_address(settings.host, settings.port),
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        backpressure=MAX_CONNECTIONS,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_S,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS, max_buffer_size=MAX_HEADER_BYTES),
    )
    _stop_with_terminal(server)
    builds = BuildLoop(config, settings.refresh_interval_s)
    server.on_startup(builds.start)
    server.on_shutdown(builds.stop)
    server.serve(target_loader=partial(load_in_worker, config, settings, log), wrap_loader=False)


def _stop_with_terminal(server: Any) -> None:
    """Let SIGHUP end the server, which would start its workers anew, out of sight; under `nohup` it goes on."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        server.signal_handler_reload = server.signal_handler_interrupt

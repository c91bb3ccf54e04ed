"""Follows the pointer of a store, and opens each new generation off the path of requests."""

import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from shoplake.declare import Table
from shoplake.serve.store.generation import Generation
from shoplake.serve.store.open_generation import OpenGeneration
from shoplake.serve.store.pointer import POINTER, Pointer, read_pointer
from shoplake.serve.store.served_tables import served_tables
from shoplake.settings.serve_settings import ServeSettings

log = logging.getLogger("shoplake.serve.store")
POLL_S = 0.5
STOP_S = 5
WARM_UP = "SELECT count(*) FROM {}"


@dataclass(frozen=True)
class _Open:
    """Both views of one generation."""

    public: Generation
    personal: Generation


class StoreReader:
    """The newest generation of a store. `refresh` opens a new one; `start` does so whenever the pointer changes."""

    def __init__(self, folder: Path, tables: Iterable[Table[...]], settings: ServeSettings | None = None) -> None:
        self._folder, self._settings = folder, settings or ServeSettings()
        self._tables: Mapping[str, Table[...]] = served_tables(tables)
        self._open: _Open | None = None
        self._seen: tuple[int, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="shoplake-store", daemon=True)
        self.refresh()

    def current(self, *, with_personal: bool) -> Generation | None:
        """Return the newest generation, with or without personal columns; None where none was built yet."""
        found = self._open
        if found is None:
            return None
        return found.personal if with_personal else found.public

    def refresh(self) -> bool:
        """Open the generation of the pointer, if it is another one; return whether it is.

        Where it cannot be read, the former one stays.
        """
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return False
        try:
            if (pointer := read_pointer(self._folder)) is None:
                return False
            self._open = _Open(self._opened(pointer, with_personal=False), self._opened(pointer, with_personal=True))
        except (duckdb.Error, sqlite3.Error, OSError) as error:
            log.warning("store: cannot open the newest build: %s", error)
            return False
        self._seen = stamp
        log.info("store: opened build %d of run %s", pointer.build, pointer.run_id)
        return True

    def start(self) -> None:
        """Follow the pointer in a thread until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread of `start`; one that opens a generation is waited for, for some seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _follow(self) -> None:
        while not self._stop.wait(POLL_S):
            self.refresh()

    def _opened(self, pointer: Pointer, *, with_personal: bool) -> Generation:
        generation = OpenGeneration(
            self._folder,
            pointer,
            self._tables,
            with_personal=with_personal,
            timeout_s=self._settings.query_timeout_s,
            memory_limit=self._settings.memory_limit // 2,
        )
        if generation.tables:
            generation.query(WARM_UP.format(next(iter(generation.tables))))
        return generation

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / POINTER).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

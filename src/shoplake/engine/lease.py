"""One writer a lake: a lease with owner, host and heartbeat."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout
from pyarrow import fs

from shoplake.errors import LakeBusy

FILE = "_lease.json"
BEATS_EVERY_S = 5.0
DEAD_AFTER = timedelta(seconds=30)
"""On an object store, an owner that has not been heard of for this long is taken for dead."""


class Lease:
    """Held while a process writes to a lake.

    On a local lake the operating system holds it (a file lock), so that it ends with its owner, however that ends. On
    an object store, which locks nothing, it is a note whose heartbeat must not grow old: good manners, not a wall.
    """

    def __init__(self, lake: str, owner: str) -> None:
        self._is_local = "://" not in lake
        self._lake, self._owner = lake, owner
        self._note = f"{lake}/{FILE}"
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        if self._is_local:
            self._lock = FileLock(Path(self._lake, "_lease.lock"))
            Path(self._lake).mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(blocking=False)
            except Timeout:
                raise self._busy(self._holder()) from None
        elif (holder := self._holder()) and self._is_alive(holder):
            raise self._busy(holder)
        self._since = datetime.now(UTC)
        self._beat()
        threading.Thread(target=self._beat_on, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        where, name = fs.FileSystem.from_uri(self._note)
        with contextlib.suppress(FileNotFoundError):
            where.delete_file(name)
        if self._is_local:
            self._lock.release()

    def _beat_on(self) -> None:
        while not self._ended.wait(BEATS_EVERY_S):
            self._beat()

    def _beat(self) -> None:
        said = {
            "owner": self._owner,
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": self._since.isoformat(timespec="seconds"),
            "heartbeat_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        where, name = fs.FileSystem.from_uri(self._note)
        with where.open_output_stream(name) as stream:
            stream.write(json.dumps(said).encode())

    def _holder(self) -> dict[str, str]:
        where, name = fs.FileSystem.from_uri(self._note)
        try:
            with where.open_input_stream(name) as stream:
                said: dict[str, str] = json.loads(bytes(stream.read()))
        except (OSError, ValueError):
            return {}
        return said

    @staticmethod
    def _is_alive(holder: dict[str, str]) -> bool:
        return datetime.now(UTC) - datetime.fromisoformat(holder["heartbeat_at"]) < DEAD_AFTER

    def _busy(self, holder: dict[str, str]) -> LakeBusy:
        who = "Another process"
        if holder:
            who = f"Process {holder['process']} on {holder['host']}"
        since = f" since {holder['since']}, last heard of at {holder['heartbeat_at']}" if holder else ""
        return LakeBusy(f"{who} has been writing to {self._lake}{since}. Wait until it is done, or stop it.")

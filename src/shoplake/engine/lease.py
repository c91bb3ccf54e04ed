"""One writer a lake: a lease with owner, host and heartbeat, and a pen for what works under it in another process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout
from pyarrow import fs

from shoplake.errors import LakeBusy

FILE = "_lease.json"
PEN = "_pen.lock"
BEATS_EVERY_S = 5.0
PEN_WITHIN_S = 120.0
"""How long a new owner waits for what still writes under a lease whose owner died; it stops at its next table."""
DEAD_AFTER = timedelta(seconds=30)
"""On an object store, an owner that has not been heard of for this long is taken for dead."""


class Lease:
    """Held while a process writes to a lake.

    On a local lake the operating system holds it (a file lock), so that it ends with its owner, however that ends. On
    an object store, which locks nothing, it is a note whose heartbeat must not grow old: good manners, not a wall.
    """

    def __init__(self, lake: str, owner: str) -> None:
        self.id = uuid.uuid4().hex
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
                raise self._busy(noted(self._lake)) from None
        elif (holder := noted(self._lake)) and is_alive(holder):
            raise self._busy(holder)
        self._since = datetime.now(UTC)
        self._beat()
        self._wait_for_pen()
        threading.Thread(target=self._beat_on, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._let_go()

    def _let_go(self) -> None:
        where, name = fs.FileSystem.from_uri(self._note)
        with contextlib.suppress(FileNotFoundError):
            where.delete_file(name)
        if self._is_local:
            self._lock.release()

    def _wait_for_pen(self) -> None:
        """Let what an earlier owner's death left at work come to its end; our note tells it to."""
        pen = Path(self._lake, PEN)
        if self._is_local and pen.exists():
            try:
                FileLock(pen).acquire(timeout=PEN_WITHIN_S).lock.release()
            except Timeout:
                self._let_go()
                raise LakeBusy(
                    f"A stream whose own process ended is still writing to {self._lake}. Wait until it is done, or "
                    "stop its server: shoplake spark stop"
                ) from None

    def _beat_on(self) -> None:
        while not self._ended.wait(BEATS_EVERY_S):
            self._beat()

    def _beat(self) -> None:
        said = {
            "id": self.id,
            "owner": self._owner,
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": self._since.isoformat(timespec="seconds"),
            "heartbeat_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        where, name = fs.FileSystem.from_uri(self._note)
        with where.open_output_stream(name) as stream:
            stream.write(json.dumps(said).encode())

    def _busy(self, holder: dict[str, str]) -> LakeBusy:
        who = "Another process"
        if holder:
            who = f"Process {holder['process']} on {holder['host']}"
        since = f" since {holder['since']}, last heard of at {holder['heartbeat_at']}" if holder else ""
        return LakeBusy(f"{who} has been writing to {self._lake}{since}. Wait until it is done, or stop it.")


class Pen:
    """Passed between the owner of a lease and what works for it on a Spark server: only who holds it writes.

    The owner may die and its work on the server go on. So whoever takes the pen looks whether the lease is still the
    one it works under, and a new owner writes its own note first and then waits for the pen: whichever comes first,
    they never write at once. On an object store, which locks nothing, the note alone must do.
    """

    def __init__(self, lake: str, lease: str) -> None:
        self._lake, self._lease = lake, lease
        self._lock = None if "://" in lake else FileLock(Path(lake, PEN))

    def __enter__(self) -> Self:
        if self._lock is not None:
            self._lock.acquire()
        try:
            self.check()
        except LakeBusy:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()

    def check(self) -> None:
        """Raise LakeBusy unless the lease is held on; a note that is just being written, or late, is waited for."""
        until = time.monotonic() + 2 * BEATS_EVERY_S
        while not (is_held := self._is_held()) and is_held is not False and time.monotonic() < until:
            time.sleep(BEATS_EVERY_S / 50)
        if not is_held:
            raise LakeBusy(f"The lease on {self._lake} that this stream worked under has ended; so does the stream.")

    def _is_held(self) -> bool | None:
        """Whether the lease's owner lives; None if nobody can tell yet."""
        holder = noted(self._lake)
        if not holder:
            return None
        if holder.get("id") != self._lease:
            return False
        return True if is_alive(holder) else None


def noted(lake: str) -> dict[str, str]:
    """What a lake's lease says of its owner; nothing where nobody holds it, or while it is being written."""
    where, name = fs.FileSystem.from_uri(f"{lake}/{FILE}")
    try:
        with where.open_input_stream(name) as stream:
            said: dict[str, str] = json.loads(bytes(stream.read()))
    except (OSError, ValueError):
        return {}
    return said


def is_alive(holder: dict[str, str]) -> bool:
    """Whether the owner was heard of lately."""
    return datetime.now(UTC) - datetime.fromisoformat(holder["heartbeat_at"]) < DEAD_AFTER

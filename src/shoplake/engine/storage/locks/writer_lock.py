"""Fencing lock for streaming workers: one writer per lake, also where the work under the lease is another process."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from shoplake.engine.library_errors import library_errors
from shoplake.engine.storage import filesystem
from shoplake.engine.storage.locks.lease_backends import LEASE_FILE, LeaseRecord
from shoplake.errors import LakeLockedError

LOCK_FILE = "_writer.lock"
OWNER_TIMEOUT = timedelta(minutes=1)
"""An owner without a heartbeat for this long has died, and its workers must stop."""
RECORD_WAIT_S = 10.0
"""How long a lease record that is missing, or late, is waited for: it may just be being written."""
ACQUIRE_TIMEOUT_S = 120.0
"""How long a new owner waits for workers of an owner that died; they stop at their next table."""


class WriterLock:
    """Shared by the owner of a lease and its workers on a Spark server: only its holder writes.

    The owner may die while its work on the server goes on. So whoever acquires the lock checks that the lease is still
    the one it works under, and a new owner first writes its own record and then waits for the lock: in either order,
    they never write at the same time. An object store has no locks; there the record alone must do.
    """

    def __init__(
        self,
        lake: str,
        lease: str,
        *,
        owner_timeout: timedelta = OWNER_TIMEOUT,
        record_wait_s: float = RECORD_WAIT_S,
    ) -> None:
        self._lake, self._lease = lake, lease
        self._owner_timeout, self._record_wait_s = owner_timeout, record_wait_s
        self._lock = None if filesystem.is_remote(lake) else FileLock(Path(lake, LOCK_FILE))

    def __enter__(self) -> Self:
        if self._lock is not None:
            self._lock.acquire()
        try:
            self.check()
        except LakeLockedError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()

    def check(self) -> None:
        """Raise LakeLockedError unless the lease is still held."""
        until = time.monotonic() + self._record_wait_s
        while (is_held := self._is_held()) is None and time.monotonic() < until:
            time.sleep(self._record_wait_s / 100)
        if not is_held:
            raise LakeLockedError(
                f"The lease on {self._lake} that this stream works under has ended; so does the stream."
            )

    def _is_held(self) -> bool | None:
        """Whether the lease's owner lives; None if that cannot be known yet."""
        holder = _read_record(self._lake)
        if holder is None:
            return None
        if holder.token != self._lease:
            return False
        heartbeat_at = datetime.fromisoformat(holder.heartbeat_at)
        return True if datetime.now(UTC) - heartbeat_at < self._owner_timeout else None


def wait_for_writer_lock(lake: str, timeout_s: float = ACQUIRE_TIMEOUT_S) -> None:
    """Wait until workers of an earlier owner have stopped; the new owner's record tells them to.

    Raises LakeLockedError if they do not.
    """
    if filesystem.is_remote(lake) or not Path(lake, LOCK_FILE).exists():
        return
    try:
        FileLock(Path(lake, LOCK_FILE)).acquire(timeout=timeout_s).lock.release()
    except Timeout:
        raise LakeLockedError(
            f"A stream whose own process ended is still writing to {lake}. Wait until it is done, or stop its server: "
            "shoplake spark stop"
        ) from None


def _read_record(lake: str) -> LeaseRecord | None:
    """Return a lake's lease record; None where the lease is free, or while the record is being written."""
    files, path = filesystem.filesystem_for(f"{lake}/{LEASE_FILE}")
    try:
        with files.open_input_stream(path) as stream:
            return LeaseRecord.parse(bytes(stream.read()))
    except library_errors(OSError):
        return None

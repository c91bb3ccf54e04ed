"""A pen under the lease: one writer a lake, also where what works under the lease is another process."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout
from obstore.exceptions import BaseError

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.lease_backends import LEASE_FILE
from shoplake.errors import LakeLockedError

LOCK_FILE = "_pen.lock"
OWNER_TIMEOUT = timedelta(minutes=1)
"""An owner that was not heard of for so long has died, and nobody wants what works for it."""
RECORD_WAIT_S = 10.0
"""How long a note that is missing, or late, is waited for: it may just be being written."""
ACQUIRE_TIMEOUT_S = 120.0
"""How long a new owner waits for what still writes under a lease whose owner died; it stops at its next table."""


class WriterLock:
    """Passed between the owner of a lease and what works for it on a Spark server: only who holds it writes.

    The owner may die and its work on the server go on. So whoever takes the pen looks whether the lease is still the
    one it works under, and a new owner writes its own note first and then waits for the pen: whichever comes first,
    they never write at once. In an object store, which locks nothing, the note alone must do.
    """

    def __init__(self, lake: str, lease: str) -> None:
        self._lake, self._lease = lake, lease
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
        """Raise LakeLockedError unless the lease is held on."""
        until = time.monotonic() + RECORD_WAIT_S
        while (is_held := self._is_held()) is None and time.monotonic() < until:
            time.sleep(RECORD_WAIT_S / 100)
        if not is_held:
            raise LakeLockedError(
                f"The lease on {self._lake} that this stream worked under has ended; so does the stream."
            )

    def _is_held(self) -> bool | None:
        """Whether the lease's owner lives; None if nobody can tell yet."""
        holder = _noted(self._lake)
        if not holder:
            return None
        if holder.get("token") != self._lease:
            return False
        heard = datetime.fromisoformat(holder["heartbeat_at"])
        return True if datetime.now(UTC) - heard < OWNER_TIMEOUT else None


def wait_for_writer_lock(lake: str) -> None:
    """Let what an earlier owner's death left at work come to its end; the new owner's note tells it to.

    Raises LakeLockedError if it does not end.
    """
    if filesystem.is_remote(lake) or not Path(lake, LOCK_FILE).exists():
        return
    try:
        FileLock(Path(lake, LOCK_FILE)).acquire(timeout=ACQUIRE_TIMEOUT_S).lock.release()
    except Timeout:
        raise LakeLockedError(
            f"A stream whose own process ended is still writing to {lake}. Wait until it is done, or stop its server: "
            "shoplake spark stop"
        ) from None


def _noted(lake: str) -> dict[str, Any]:
    """What a lake's lease says of its owner; nothing where nobody holds it, or while it is being written."""
    where, name = filesystem.filesystem_for(f"{lake}/{LEASE_FILE}")
    try:
        with where.open_input_stream(name) as stream:
            said: dict[str, Any] = json.loads(bytes(stream.read()))
    except (OSError, ValueError, BaseError):
        return {}
    return said

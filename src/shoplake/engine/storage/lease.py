"""One writer a lake: a lease with owner, host and heartbeat."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from obstore.exceptions import BaseError

from shoplake.engine.storage.lease_backends import LeaseHeldError, lease_backend
from shoplake.engine.storage.writer_lock import wait_for_writer_lock
from shoplake.errors import LakeLockedError

if TYPE_CHECKING:
    from shoplake.engine.storage.lease_backends import LeaseBackend, LeaseRecord

HEARTBEAT_INTERVAL_S = 5.0


class Lease:
    """Held while a process writes to a lake.

    On a local lake the operating system holds it, so that it ends with its owner, however that ends. In an object store
    it is a note whose heartbeat must not grow old; who was silent for too long may have lost it, and finds out before
    the next table is written.
    """

    def __init__(self, lake: str, owner: str) -> None:
        self._lake, self._owner = lake, owner
        self.token = uuid.uuid4().hex
        self._ended = threading.Event()
        self._beating = threading.Lock()
        self._lost: LeaseRecord | None = None

    def __enter__(self) -> Self:
        self._since = datetime.now(UTC)
        self._hold: LeaseBackend = lease_backend(self._lake)
        try:
            self._hold.acquire(self._note())
        except LeaseHeldError as taken:
            raise self._busy(taken.holder) from None
        try:
            wait_for_writer_lock(self._lake)
        except LakeLockedError:
            self._hold.release()
            raise
        self._heard_at = time.time()
        threading.Thread(target=self._beat_on, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._beating:
            if self._lost is None:
                self._hold.release()

    def check(self) -> None:
        """Raise LakeLockedError if another process has acquired the lease, as it may once this one was silent long."""
        if self._lost is None and time.time() - self._heard_at > 2 * HEARTBEAT_INTERVAL_S:
            self._beat()
        if self._lost is not None:
            raise LakeLockedError(
                f"This process was silent for so long that it lost its lease of {self._lake} to {_who(self._lost)}. "
                "What was committed stands; run again when the other is done."
            )

    def _beat_on(self) -> None:
        while not self._ended.wait(HEARTBEAT_INTERVAL_S) and self._lost is None:
            try:
                self._beat()
            except (BaseError, OSError):
                continue  # a store that does not answer now may do so at the next beat

    def _beat(self) -> None:
        with self._beating:
            if self._ended.is_set():
                return
            try:
                self._hold.renew(self._note())
                self._heard_at = time.time()
            except LeaseHeldError as taken:
                self._lost = taken.holder

    def _note(self) -> LeaseRecord:
        return {
            "owner": self._owner,
            "process": os.getpid(),
            "host": socket.gethostname(),
            "since": self._since.isoformat(timespec="seconds"),
            "heartbeat_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "token": self.token,
            "beat": uuid.uuid4().hex,
        }

    def _busy(self, holder: LeaseRecord) -> LakeLockedError:
        since = f" since {holder['since']}, last heard of at {holder['heartbeat_at']}" if holder else ""
        return LakeLockedError(
            f"{_who(holder)} has been writing to {self._lake}{since}. Wait until it is done, or stop it."
        )


def _who(holder: LeaseRecord) -> str:
    return f"Process {holder['process']} on {holder['host']}" if holder else "Another process"

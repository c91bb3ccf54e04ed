"""One writer per lake: a lease with owner, host and heartbeat."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from shoplake.engine.library_errors import library_errors
from shoplake.engine.storage.filesystem import is_remote
from shoplake.engine.storage.locks.lease_backends import LeaseHeldError, LeaseRecord, lease_backend
from shoplake.engine.storage.locks.writer_lock import ACQUIRE_TIMEOUT_S, wait_for_writer_lock
from shoplake.errors import LakeLockedError

if TYPE_CHECKING:
    from shoplake.engine.storage.locks.lease_backends import LeaseBackend

HEARTBEAT_INTERVAL_S = 5.0
EXPIRY = "30 seconds after its last heartbeat"
"""When others may write to an object store after a process that left its lease behind."""

log = logging.getLogger("shoplake.engine.lease")


class Lease:
    """Held while a process writes to a lake.

    On a local lake it is a lock of the operating system, so that it ends with its process, however that ends. In an
    object store it is a record whose heartbeat must not grow old; a process that was silent for too long may have lost
    it: after `max_silence_s` `check` asks before the next table is written. `backend` is chosen by where the lake lies,
    unless given.
    """

    def __init__(
        self,
        lake: str,
        owner: str,
        *,
        backend: LeaseBackend | None = None,
        heartbeat_interval_s: float = HEARTBEAT_INTERVAL_S,
        max_silence_s: float = 2 * HEARTBEAT_INTERVAL_S,
        writer_timeout_s: float = ACQUIRE_TIMEOUT_S,
    ) -> None:
        self._lake, self._owner = lake, owner
        self._interval_s, self._max_silence_s = heartbeat_interval_s, max_silence_s
        self._writer_timeout_s = writer_timeout_s
        self.token = uuid.uuid4().hex
        self._given_backend = backend
        self._backend: LeaseBackend | None = None
        self._since = datetime.now(UTC)
        self._renewed_at = 0.0
        self._ended = threading.Event()
        self._renewing = threading.Lock()
        self._is_lost = False
        self._new_holder: LeaseRecord | None = None

    def __enter__(self) -> Self:
        self._since = datetime.now(UTC)
        backend = self._given_backend or lease_backend(self._lake)
        try:
            backend.acquire(self._record())
        except LeaseHeldError as error:
            raise self._locked(error.holder) from None
        try:
            wait_for_writer_lock(self._lake, self._writer_timeout_s)
        except LakeLockedError:
            backend.release()
            raise
        self._backend, self._renewed_at = backend, time.time()
        log.info("lease acquired by %s: %s", self._owner, self._lake)
        threading.Thread(target=self._renew_regularly, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with self._renewing:
            if not self._is_lost and self._backend is not None:
                self._backend.release()
                log.info("lease released: %s", self._lake)

    def check(self) -> None:
        """Raise LakeLockedError if another process has acquired the lease, as it may once this one was silent long."""
        if not self._is_lost and time.time() - self._renewed_at > self._max_silence_s:
            self._renew()
        if self._is_lost:
            raise LakeLockedError(
                f"This process was silent for so long that it lost its lease of {self._lake} to "
                f"{_name(self._new_holder)}. Committed data is safe; run again when the other is done."
            )

    def _renew_regularly(self) -> None:
        while not self._ended.wait(self._interval_s) and not self._is_lost:
            try:
                self._renew()
            except library_errors(OSError) as error:
                log.warning("lease not renewed, next try in %.1f s: %s", self._interval_s, type(error).__name__)

    def _renew(self) -> None:
        with self._renewing:
            if self._ended.is_set() or self._backend is None:
                return
            try:
                self._backend.renew(self._record())
                self._renewed_at = time.time()
                log.debug("lease renewed: %s", self._lake)
            except LeaseHeldError as error:
                self._is_lost, self._new_holder = True, error.holder
                log.error("lease lost to %s: %s", _name(error.holder), self._lake)

    def _record(self) -> LeaseRecord:
        return LeaseRecord(
            token=self.token,
            owner=self._owner,
            process=os.getpid(),
            host=socket.gethostname(),
            since=self._since.isoformat(timespec="seconds"),
            heartbeat_at=datetime.now(UTC).isoformat(timespec="seconds"),
            beat=uuid.uuid4().hex,
        )

    def _locked(self, holder: LeaseRecord | None) -> LakeLockedError:
        since = f" since {_utc(holder.since)}, last heartbeat at {_utc(holder.heartbeat_at)}" if holder else ""
        killed = f" If it was killed, run again {EXPIRY}." if is_remote(self._lake) else ""
        return LakeLockedError(
            f"{_name(holder)} has been writing to {self._lake}{since}. Wait until it is done, or stop it.{killed}"
        )


def _utc(time: str) -> str:
    """Return a time of a record as all messages write it."""
    return f"{datetime.fromisoformat(time).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _name(holder: LeaseRecord | None) -> str:
    return f"Process {holder.process} on {holder.host}" if holder else "another process"

"""How one process keeps others from a lake: a lock of the operating system, or an object put under a condition."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol, Self

from filelock import FileLock, Timeout

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.storage import filesystem

LEASE_FILE = "_lease.json"
LOCK_FILE = "_lease.lock"


@dataclass(frozen=True)
class LeaseRecord:
    """The contents of the lease file: who holds the lease, since when, and the last heartbeat; times are ISO 8601.

    `token` is the same for all records of one lease, `beat` different in each.
    """

    token: str
    owner: str = ""
    process: int = 0
    host: str = ""
    since: str = ""
    heartbeat_at: str = ""
    beat: str = ""

    @classmethod
    def parse(cls, text: bytes) -> Self | None:
        """Return the record in a lease file; None if the lease is free or the file is damaged."""
        try:
            values = json.loads(text)
            return cls(**{each.name: values[each.name] for each in fields(cls) if each.name in values})
        except (ValueError, TypeError):
            return None

    def to_json(self) -> bytes:
        """Return the contents of the lease file."""
        return json.dumps(asdict(self)).encode()


class LeaseHeldError(Exception):
    """Another process holds the lease; `holder` is its record, None if it is not known."""

    def __init__(self, holder: LeaseRecord | None) -> None:
        super().__init__(holder)
        self.holder = holder


class LeaseBackend(Protocol):
    """What only one process can hold."""

    def acquire(self, record: LeaseRecord) -> None:
        """Hold it from now on. Raises LeaseHeldError."""

    def renew(self, record: LeaseRecord) -> None:
        """Record that it is still held. Raises LeaseHeldError where another process has acquired it."""

    def release(self) -> None:
        """Hold it no longer."""


def lease_backend(lake: str) -> LeaseBackend:
    """Return the backend for the place where a lake lies."""
    if filesystem.is_remote(lake):
        from shoplake.engine.storage.locks.object_lease import ConditionalPutBackend  # no other lake needs its library

        filesystem.check_access(lake)
        return ConditionalPutBackend(filesystem.object_store(lake))
    return FileLockBackend(Path(lake))


class FileLockBackend:
    """A lock of the operating system on a file: it ends with its process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / LOCK_FILE)

    @crash_points("acquire_lease")
    def acquire(self, record: LeaseRecord) -> None:
        """Hold it from now on. Raises LeaseHeldError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise LeaseHeldError(LeaseRecord.parse(self._contents())) from None
        self.renew(record)

    def renew(self, record: LeaseRecord) -> None:
        """Rewrite the record: the lock itself cannot be lost."""
        (self._folder / LEASE_FILE).write_bytes(record.to_json())

    def release(self) -> None:
        """Hold it no longer."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / LEASE_FILE).unlink()
        self._lock.release()

    def _contents(self) -> bytes:
        try:
            return (self._folder / LEASE_FILE).read_bytes()
        except OSError:
            return b""

"""How one process keeps others from a lake: a lock of the operating system, or an object put under a condition."""

from __future__ import annotations

import contextlib
import json
import uuid
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import obstore
from filelock import FileLock, Timeout
from obstore.exceptions import AlreadyExistsError, PreconditionError

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.storage import filesystem
from shoplake.errors import StorageAccessError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

LEASE_FILE = "_lease.json"
LOCK_FILE = "_lease.lock"
FREE = b"{}"
LEASE_TTL = timedelta(seconds=30)
"""In an object store, the lease of an owner without a heartbeat for this long has expired."""


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


class ConditionalPutBackend:
    """An object that is only ever replaced if it is still the one that was read: of two writers, the second fails.

    A lease without a heartbeat for `ttl` has expired, by the store's clock alone.
    """

    def __init__(self, objects: ObjectStore, ttl: timedelta = LEASE_TTL) -> None:
        self._objects, self._ttl = objects, ttl
        self._tag: str | None = None

    def acquire(self, record: LeaseRecord) -> None:
        """Hold it from now on. Raises LeaseHeldError; StorageAccessError where the store ignores conditions."""
        try:
            self._put(record, "create")
            self._check_conditions(record)
        except AlreadyExistsError:
            self._acquire_expired(record)

    def renew(self, record: LeaseRecord) -> None:
        """Replace one's own last record. Raises LeaseHeldError where another process has replaced it."""
        try:
            self._put(record, {"e_tag": self._tag})
        except (PreconditionError, FileNotFoundError):
            self._check_own(record)

    def release(self) -> None:
        """Replace one's own record by an empty one; another's stays."""
        with contextlib.suppress(PreconditionError, FileNotFoundError):
            obstore.put(self._objects, LEASE_FILE, FREE, mode={"e_tag": self._tag}, use_multipart=False)

    def _put(self, record: LeaseRecord, mode: Any) -> None:
        contents = record.to_json()
        self._tag = obstore.put(self._objects, LEASE_FILE, contents, mode=mode, use_multipart=False)["e_tag"]

    def _check_conditions(self, record: LeaseRecord) -> None:
        """Try once more what must fail: some stores accept conditions and ignore them."""
        try:
            self._put(record, "create")
        except AlreadyExistsError:
            return
        raise StorageAccessError(
            "This object store ignores If-None-Match, so a lake in it is not safe. "
            "Use one that heeds If-None-Match, as S3, MinIO, R2 and Ceph in their newer versions do."
        )

    def _acquire_expired(self, record: LeaseRecord) -> None:
        current = obstore.get(self._objects, LEASE_FILE)
        holder = LeaseRecord.parse(bytes(current.bytes()))
        is_own = holder is not None and holder.token == record.token  # put by a try whose answer was lost
        if holder and not is_own and self._now() - current.meta["last_modified"] < self._ttl:
            raise LeaseHeldError(holder)
        self._tag = current.meta["e_tag"]
        self.renew(record)

    def _check_own(self, record: LeaseRecord) -> None:
        """Raise LeaseHeldError unless the record is one's own: an earlier try may have succeeded without an answer."""
        try:
            current = obstore.get(self._objects, LEASE_FILE)
        except FileNotFoundError:
            raise LeaseHeldError(None) from None
        holder = LeaseRecord.parse(bytes(current.bytes()))
        if holder is None or holder.token != record.token:
            raise LeaseHeldError(holder) from None
        self._tag = current.meta["e_tag"]

    def _now(self) -> Any:
        """Return the store's time, by that of a new object."""
        name = f"{LEASE_FILE}.{uuid.uuid4().hex}"
        obstore.put(self._objects, name, b"", use_multipart=False)
        try:
            return obstore.head(self._objects, name)["last_modified"]
        finally:
            obstore.delete(self._objects, name)

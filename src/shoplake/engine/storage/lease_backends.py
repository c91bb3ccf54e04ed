"""How one process keeps others from a lake: a lock of the operating system, or a note put under a condition."""

from __future__ import annotations

import contextlib
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import obstore
from filelock import FileLock, Timeout
from obstore.exceptions import AlreadyExistsError, PreconditionError

from shoplake.engine.crash_points import crash_points
from shoplake.engine.storage import filesystem
from shoplake.errors import StorageAccessError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

LEASE_FILE = "_lease.json"
LOCK_FILE = "_lease.lock"
FREE = b"{}"
LEASE_TTL = timedelta(seconds=30)
"""On an object store, an owner that has not been heard of for this long is taken for dead."""

LeaseRecord = dict[str, Any]


class LeaseHeldError(Exception):
    """Somebody else holds it; `holder` is their note, empty if they have left none."""

    def __init__(self, holder: LeaseRecord) -> None:
        super().__init__(holder)
        self.holder = holder


class LeaseBackend(Protocol):
    """What only one can have."""

    def acquire(self, note: LeaseRecord) -> None:
        """Have it from now on. Raises Taken."""

    def renew(self, note: LeaseRecord) -> None:
        """Say that one still has it. Raises Taken where one no longer does."""

    def release(self) -> None:
        """Have it no longer."""


def lease_backend(lake: str) -> LeaseBackend:
    """What can be held of a lake, by where it lies."""
    return (
        ConditionalPutBackend(filesystem.object_store(lake))
        if filesystem.is_remote(lake) and filesystem.check_access(lake)
        else FileLockBackend(Path(lake))
    )


class FileLockBackend:
    """A lock of the operating system on a file: it ends with its owner, however that ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / LOCK_FILE)

    @crash_points("acquire_lease")
    def acquire(self, note: LeaseRecord) -> None:
        """Have it from now on. Raises Taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise LeaseHeldError(_read(self._holder())) from None
        self.renew(note)

    def renew(self, note: LeaseRecord) -> None:
        """Write the note anew: the lock itself cannot be lost."""
        (self._folder / LEASE_FILE).write_text(json.dumps(note), encoding="utf-8")

    def release(self) -> None:
        """Have it no longer."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / LEASE_FILE).unlink()
        self._lock.release()

    def _holder(self) -> bytes:
        try:
            return (self._folder / LEASE_FILE).read_bytes()
        except OSError:
            return b""


class ConditionalPutBackend:
    """A note in an object store that is only ever put in place of the one that was read: of two, one comes too late.

    Who is dead is judged by the store's clock alone.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._tag: str | None = None

    def acquire(self, note: LeaseRecord) -> None:
        """Have it from now on. Raises Taken; StorageAccessError where the store does not heed conditions."""
        try:
            self._put(note, "create")
            self._must_refuse(note)
        except AlreadyExistsError:
            self._take_over(note)

    def renew(self, note: LeaseRecord) -> None:
        """Put the note in place of one's own last one. Raises Taken where another has come in between."""
        try:
            self._put(note, {"e_tag": self._tag})
        except (PreconditionError, FileNotFoundError):
            self._unless_mine(note)

    def release(self) -> None:
        """Put an empty note in place of one's own; another's stays."""
        with contextlib.suppress(PreconditionError, FileNotFoundError):
            obstore.put(self._objects, LEASE_FILE, FREE, mode={"e_tag": self._tag}, use_multipart=False)

    def _put(self, note: LeaseRecord, mode: Any) -> None:
        said = json.dumps(note).encode()
        self._tag = obstore.put(self._objects, LEASE_FILE, said, mode=mode, use_multipart=False)["e_tag"]

    def _must_refuse(self, note: LeaseRecord) -> None:
        """Try once more what must not succeed: some stores take conditions and do not heed them."""
        try:
            self._put(note, "create")
        except AlreadyExistsError:
            return
        raise StorageAccessError(
            "This object store overwrites what must only be made once: a lake in it is not safe. "
            "Use one that heeds If-None-Match, as S3, MinIO, R2 and Ceph in their newer versions do."
        )

    def _take_over(self, note: LeaseRecord) -> None:
        found = obstore.get(self._objects, LEASE_FILE)
        holder = _read(bytes(found.bytes()))
        is_mine = holder.get("token") == note["token"]  # put by a try whose answer was lost
        if holder and not is_mine and self._now() - found.meta["last_modified"] < LEASE_TTL:
            raise LeaseHeldError(holder)
        self._tag = found.meta["e_tag"]
        self.renew(note)

    def _unless_mine(self, note: LeaseRecord) -> None:
        """Go on if the note there is one's own after all: a try before the last one was not in vain."""
        try:
            found = obstore.get(self._objects, LEASE_FILE)
        except FileNotFoundError:
            raise LeaseHeldError({}) from None
        holder = _read(bytes(found.bytes()))
        if holder.get("token") != note["token"]:
            raise LeaseHeldError(holder) from None
        self._tag = found.meta["e_tag"]

    def _now(self) -> Any:
        """The store's time, by what it says of an object just made."""
        name = f"{LEASE_FILE}.{uuid.uuid4().hex}"
        obstore.put(self._objects, name, b"", use_multipart=False)
        try:
            return obstore.head(self._objects, name)["last_modified"]
        finally:
            obstore.delete(self._objects, name)


def _read(said: bytes) -> LeaseRecord:
    """A note; an empty one if it is damaged."""
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

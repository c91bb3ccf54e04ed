"""One writer per lake in an object store: an object that is put under a condition."""

from __future__ import annotations

import contextlib
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import AlreadyExistsError, PreconditionError

from shoplake.engine.storage.locks.lease_backends import LEASE_FILE, LeaseHeldError, LeaseRecord
from shoplake.errors import StorageAccessError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FREE = b"{}"
LEASE_TTL = timedelta(seconds=30)
"""The lease of an owner without a heartbeat for this long has expired."""


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

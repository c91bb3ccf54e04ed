"""Who has which key, remembered while the database of keys is unchanged."""

import math
import threading

from shoplake.serve.keys.access import Access
from shoplake.serve.keys.database import KeyDatabase

MAX_KEYS = 1024
MAX_AGE_S = 0.01
"""What is remembered is used for so long before changes of the database are looked for: a tenth of a short request."""


class _Known(threading.local):
    """What one thread knows. A connection sees the changes of the others, and each thread has its own."""

    version, looked_at = -1, -math.inf

    def __init__(self) -> None:
        self.keys = dict[bytes, tuple[Access, float | None]]()


class AccessCache:
    """Accesses by the hash of a secret. A change of the database, such as a key that is revoked, empties it.

    A change of another connection is seen `MAX_AGE_S` later at most.
    """

    def __init__(self, database: KeyDatabase) -> None:
        self._database, self._known = database, _Known()

    def find(self, hash: bytes, now: float) -> Access | None:
        """Return who has the secret of this hash; None where it is not remembered, or has expired by `now`."""
        known = self._known
        if not 0 <= now - known.looked_at < MAX_AGE_S:
            self._look_for_changes(known, now)
        access, expires_at = known.keys.get(hash, (None, None))
        return None if expires_at is not None and expires_at <= now else access

    def _look_for_changes(self, known: _Known, now: float) -> None:
        version, known.looked_at = self._database.data_version(), now
        if version != known.version:
            known.keys.clear()
            known.version = version

    def put(self, hash: bytes, access: Access, expires_at: float | None) -> None:
        """Remember who has a secret, which expires then or never."""
        if len(self._known.keys) >= MAX_KEYS:
            self._known.keys.clear()
        self._known.keys[hash] = (access, expires_at)

    def clear(self) -> None:
        """Forget all of this thread, whose own changes its connection does not count."""
        self._known.keys.clear()

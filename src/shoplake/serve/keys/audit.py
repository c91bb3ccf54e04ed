"""The audit log of personal look-ups."""

import threading
import time
from typing import NamedTuple

from shoplake.serve.keys.access import Access
from shoplake.serve.keys.database import KeyDatabase

MAX_WAITING = 4096
MAX_DELAY_S = 0.2


class Lookup(NamedTuple):
    """One personal look-up: when (seconds since 1970), who, by which route, and whose data."""

    at: int
    holder: str
    role: str
    route: str
    subject: str
    request_id: str


class AuditLog:
    """Records personal look-ups. They are written together at most 0.2 s later, and by `flush`."""

    def __init__(self, database: KeyDatabase) -> None:
        self._database, self._waiting = database, list[tuple[int, str, str, str, str, str]]()
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._timer: threading.Timer | None = None

    def record(self, access: Access, route: str, subject: str, request_id: str) -> None:
        """Record that somebody has looked up one subject."""
        with self._lock:
            self._waiting.append((int(time.time()), access.holder, access.role.name, route, subject, request_id))
            is_full = len(self._waiting) >= MAX_WAITING
            if self._timer is None:
                self._timer = threading.Timer(MAX_DELAY_S, self.flush)
                self._timer.daemon = True
                self._timer.start()
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Write what waits. Look-ups that are recorded meanwhile do not wait for the disk."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, []
                timer, self._timer = self._timer, None
            if timer is not None:
                timer.cancel()
            if waiting:
                self._database.insert_many("audit", waiting)

    def read(self) -> list[Lookup]:
        """Return all look-ups in order."""
        self.flush()
        return [Lookup(*row) for row in self._database.execute("SELECT * FROM audit ORDER BY rowid")]

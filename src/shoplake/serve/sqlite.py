"""Connections to SQLite that close themselves: a server's threads come and go, and each has connections of its own."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any


class _SelfClosing(sqlite3.Connection):
    """Closes when its thread, or what holds it, goes away; Python 3.13 warns where a connection is left open."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was never opened, as its file is not there
            self.close()


def connect(path: str | Path, **options: Any) -> sqlite3.Connection:
    """Open a database. One thread uses the connection; any thread may be the one that lets go of it."""
    return sqlite3.connect(path, factory=_SelfClosing, check_same_thread=False, **options)

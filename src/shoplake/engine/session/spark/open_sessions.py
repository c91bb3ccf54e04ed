"""The open sessions of processes on the local server: the work of those that were killed is ended before others write.

A server goes on with the query of a client that was killed, and would commit its rows beside those of the next run.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from pyspark.errors import PySparkException
from pyspark.sql.connect.client import SparkConnectClient

from shoplake.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

AT_WORK = "OPERATION_STATE_RUNNING"
"""The state of a query that may still commit; once that is over, it is terminating until the session is released."""
END_TIMEOUT_S = 60.0
"""How long the server may need to end what it does for a killed process."""
POLL_S = 0.2

log = logging.getLogger("shoplake.engine.spark")


class OpenSessions:
    """Files in a folder, one per session, each locked by its process: a lock ends with its process, however that ends.

    A file has the name of its session and the user whom the server knows it by.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, FileLock] = {}

    def hold(self, session: str, user: str) -> None:
        """Record a session of this process."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held[session] = lock = FileLock(self._folder / session, thread_local=False)
        lock.acquire()
        (self._folder / session).write_text(user, encoding="utf-8")

    def forget(self, session: str) -> None:
        """Take the record of a session that has ended away."""
        if lock := self._held.pop(session, None):
            (self._folder / session).unlink(missing_ok=True)
            lock.release()

    def end_killed(self, url: str) -> list[str]:
        """End the sessions of processes that have ended, and what the server still does for them; return them.

        Raises EngineError where the server does not end it.
        """
        ended = []
        for file in sorted(self._folder.glob("*-*")):
            lock = FileLock(file)
            with suppress(Timeout, FileNotFoundError):
                user = file.read_text(encoding="utf-8")
                with lock.acquire(blocking=False):
                    end_session(url, file.name, user)
                    file.unlink(missing_ok=True)
                ended.append(file.name)
                log.info("session of a process that was killed ended: %s", file.name)
        return ended


def end_session(url: str, session: str, user: str, timeout_s: float = END_TIMEOUT_S) -> None:
    """Interrupt all that a server does in a session, wait until it has stopped, and release the session.

    Raises EngineError where it does not stop.
    """
    client: Any = SparkConnectClient(f"{url};session_id={session}" + (f";user_id={user}" if user else ""))
    until = time.monotonic() + timeout_s
    try:
        client.interrupt_all()
        while _is_at_work(client):
            if time.monotonic() > until:
                raise EngineError(
                    "The Spark server does not end the query of a process that was killed, which could write beside "
                    "this one. Stop the server: shoplake spark stop"
                )
            time.sleep(POLL_S)
        client.release_session()
    except PySparkException as error:
        log.debug("session %s not ended: %s", session, type(error).__name__)
    finally:
        client.close()


def _is_at_work(client: Any) -> bool:
    """Whether a query of the session runs; the client has no public way to ask."""
    statuses = client._get_operation_statuses().operation_statuses
    return any(status.OperationState.Name(status.state) == AT_WORK for status in statuses)

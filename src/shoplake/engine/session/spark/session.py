"""Sessions on Apache Spark: the local server's, any Spark Connect server's, or the one that is there already."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from pyspark.errors import PySparkException

from shoplake.engine.session.connect_client import make_active, quiet_client
from shoplake.engine.session.error_mapping import first_line, message
from shoplake.engine.session.spark import server
from shoplake.engine.session.spark.config import OURS, SESSION
from shoplake.engine.session.spark.connection import (
    TOKEN,
    check_reachable,
    is_refused,
    set_retry_policy,
    url_with_token,
)
from shoplake.engine.session.spark.open_sessions import OpenSessions
from shoplake.engine.session.worker_requirements import MODULES, missing_packages
from shoplake.errors import EngineError

# The client's functions are imported after connect_client, which lets them run where Python has no script.
from pyspark.sql import SparkSession  # isort: skip
from pyspark.sql.functions import udf  # isort: skip

LOCAL = "local"

log = logging.getLogger("shoplake.engine.spark")


class SparkSessions:
    """The sessions of a process on Spark, one per address and token; each stays open until the process ends.

    `TZ` is set to UTC for good: the client converts times by the C library, which has one time zone per process.
    """

    def __init__(self) -> None:
        self._by_url: dict[str, SparkSession] = {}
        self._open: OpenSessions | None = None

    def session(self, remote: str | None, memory_bytes: int | None = None) -> SparkSession:
        """Return a session on Spark at `remote`, and make it the thread's active one.

        `local` is the server on this machine, which is started where it does not run. One at `sc://host:port` is sent
        our package; its token is that in `SHOPLAKE_SPARK_TOKEN`. None is the session that is there, as on Databricks.
        Raises EngineError where there is none.
        """
        _use_utc()
        quiet_client()
        if remote is None:
            return _configure(_existing_session(), SESSION)
        url = server.start_server(memory_bytes).remote if remote == LOCAL else url_with_token(remote)
        session = self._by_url.get(url)
        if session is None or session.is_stopped:  # type: ignore[attr-defined]
            session = self._by_url[url] = self._connect(url, is_local=remote == LOCAL)
        return make_active(session)

    def _connect(self, url: str, *, is_local: bool) -> SparkSession:
        check_reachable(url)
        session = make_active(SparkSession.builder.remote(url).create())  # functions ask the active one for types
        set_retry_policy(session)
        _configure(session, SESSION | OURS)
        if is_local:
            client = session.client
            self._local().hold(session.session_id, client._user_id or "")  # type: ignore[attr-defined]
        else:
            _upload_package(session)
            _check_worker_python(session)
        atexit.register(self.close, url)
        log.info("session opened on %s", url.split(";", 1)[0])
        return session

    def end_killed(self) -> list[str]:
        """End what the local server still does for processes that were killed; return their sessions.

        Whoever may write to a lake asks for it first. Raises EngineError where the server does not end it.
        """
        running = server.running_server()
        return self._local().end_killed(running.remote) if running else []

    def _local(self) -> OpenSessions:
        if self._open is None:
            self._open = OpenSessions(server.sessions_folder())
        return self._open

    def close(self, url: str) -> None:
        """End a session before Python ends: its connection would wait for itself for ever afterwards."""
        session = self._by_url.pop(url, None)
        if session is not None and not session.is_stopped:  # type: ignore[attr-defined]
            session.release_session_on_close = not is_refused(url)  # type: ignore[attr-defined]
            with contextlib.suppress(Exception):  # the server may be gone by now
                session.stop()
                if self._open is not None:
                    self._open.forget(session.session_id)  # type: ignore[attr-defined]


SESSIONS = SparkSessions()
"""Those of this process."""


def session(remote: str | None, memory_bytes: int | None = None) -> SparkSession:
    """Return this process's session on Spark at `remote`; see `SparkSessions.session`."""
    return SESSIONS.session(remote, memory_bytes)


def _existing_session() -> SparkSession:
    try:
        return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    except (PySparkException, RuntimeError) as error:
        raise EngineError(
            f"There is no Spark session here: {first_line(error)} Set remote in shoplake.toml: "
            '"local" for a server on this machine, or "sc://host:port".'
        ) from error


def _configure(session: SparkSession, values: dict[str, str]) -> SparkSession:
    try:
        for name, value in values.items():
            session.conf.set(name, value)
    except PySparkException as error:
        raise EngineError(f"Spark does not accept this session: {_refusal(error)}") from error
    return session


def _refusal(error: PySparkException) -> str:
    if "UNAUTHENTICATED" not in str(error):
        return f"{first_line(error)}."
    if TOKEN in os.environ:
        return f"the token in the environment variable {TOKEN} is not the server's."
    return f"the server asks for a token. Set the environment variable {TOKEN} to it."


def _upload_package(session: SparkSession) -> None:
    """Send our package to the server, whose Python workers run functions of it."""
    package = Path(__file__).parents[3]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "shoplake.zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
            for file in sorted(package.rglob("*.py")):
                bundle.write(file, Path("shoplake") / file.relative_to(package))
        session.addArtifacts(str(archive), pyfile=True)


def _check_worker_python(session: SparkSession) -> None:
    """Raise EngineError unless the server's Python is this one's minor version and has what our functions need."""
    needed = f"It must be Python {sys.version_info.major}.{sys.version_info.minor} with {', '.join(MODULES.values())}"
    try:
        [(missing,)] = session.range(1).select(udf(missing_packages, "string", useArrow=False)()).collect()
    except PySparkException as error:
        lines = [line.strip() for line in message(error).splitlines() if "Error: " in line]
        reason = lines[-1] if lines else first_line(error)
        raise EngineError(f"The Spark server's Python cannot run shoplake's functions: {reason} {needed}.") from error
    if missing:
        raise EngineError(
            f"The Spark server's Python lacks what shoplake's functions need. There: pip install {missing}"
        )


def _use_utc() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()

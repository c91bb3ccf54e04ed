"""Sessions on Apache Spark: the local server's, any Spark Connect server's, or the one that is there already."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import tempfile
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from shoplake.engine import spark_server
from shoplake.engine.client import made_active  # must come before the first session
from shoplake.engine.patience import first_line
from shoplake.engine.spark_conf import OURS, SESSION
from shoplake.errors import EngineError

LOCAL = "local"
TOKEN = "SHOPLAKE_SPARK_TOKEN"
PORT = 15002
ANSWERS_WITHIN_S = 10

_sessions: dict[str, SparkSession] = {}


def session(remote: str | None, memory_bytes: int | None = None) -> SparkSession:
    """A session on Spark, wherever `remote` says.

    `local` is the server on this machine, which is started where it does not run. One at `sc://host:port` gets our
    package along; its token is that in `SHOPLAKE_SPARK_TOKEN`. None is the session that is there, as on Databricks.
    Raises EngineError where there is none to be had.
    """
    _reckon_in_utc()
    if remote is None:
        return _set(_there(), SESSION)
    url = spark_server.started(memory_bytes).remote if remote == LOCAL else _with_token(remote)
    known = _sessions.get(url)
    if known is not None and not known.is_stopped:  # type: ignore[attr-defined]
        return made_active(known)
    _listens(url)
    made = _set(SparkSession.builder.remote(url).create(), SESSION | OURS)
    if remote != LOCAL:
        _bring_package(made)
    _sessions[url] = made
    atexit.register(_close, url)
    return made_active(made)


def _close(url: str) -> None:
    """End a session before Python ends: its connection would wait for itself for ever afterwards."""
    if (made := _sessions.pop(url, None)) is not None and not made.is_stopped:  # type: ignore[attr-defined]
        with contextlib.suppress(Exception):  # the server may be gone by now
            made.stop()


def _there() -> SparkSession:
    try:
        return SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()
    except (PySparkException, RuntimeError) as error:
        raise EngineError(
            f"There is no Spark session here: {first_line(error)} Set remote in shoplake.toml: "
            '"local" for a server on this machine, or "sc://host:port".'
        ) from error


def _with_token(remote: str) -> str:
    token = os.environ.get(TOKEN)
    base = remote if urlsplit(remote).path else f"{remote}/"
    return f"{base};token={token}" if token else base


def _listens(url: str) -> None:
    """Raise EngineError unless somebody listens there; Spark's own client would try for minutes."""
    where = urlsplit(url)
    address = (where.hostname or "", where.port or PORT)
    try:
        socket.create_connection(address, ANSWERS_WITHIN_S).close()
    except OSError as error:
        raise EngineError(
            f"No Spark Connect server answers at {where.hostname}:{address[1]}: {error}. Is it running, and is "
            'remote in shoplake.toml right? For one on this machine: remote = "local".'
        ) from error


def _set(spark: SparkSession, wanted: dict[str, str]) -> SparkSession:
    try:
        for name, value in wanted.items():
            spark.conf.set(name, value)
    except PySparkException as error:
        raise EngineError(
            f"Spark does not take this session: {first_line(error)}. Where the server asks for a token, it is that in "
            f"the environment variable {TOKEN}."
        ) from error
    return spark


def _bring_package(spark: SparkSession) -> None:
    """Send our package to the server, whose Python workers run functions of it."""
    package = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder, "shoplake.zip")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
            for file in sorted(package.rglob("*.py")):
                bundle.write(file, Path("shoplake") / file.relative_to(package))
        spark.addArtifacts(str(packed), pyfile=True)


def _reckon_in_utc() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()

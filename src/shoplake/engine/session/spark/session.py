"""Sessions on Apache Spark: the local server's, any Spark Connect server's, or the one that is there already."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

from shoplake.engine.session.connect_client import made_active
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
from shoplake.engine.session.worker_requirements import MODULES, missing_packages
from shoplake.errors import EngineError

LOCAL = "local"

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
    url = server.started(memory_bytes).remote if remote == LOCAL else url_with_token(remote)
    known = _sessions.get(url)
    if known is not None and not known.is_stopped:  # type: ignore[attr-defined]
        return made_active(known)
    check_reachable(url)
    made = SparkSession.builder.remote(url).create()
    set_retry_policy(made)
    _set(made, SESSION | OURS)
    if remote != LOCAL:
        _bring_package(made)
        _can_run_ours(made)
    _sessions[url] = made
    atexit.register(_close, url)
    return made_active(made)


def _close(url: str) -> None:
    """End a session before Python ends: its connection would wait for itself for ever afterwards."""
    if (made := _sessions.pop(url, None)) is not None and not made.is_stopped:  # type: ignore[attr-defined]
        made.release_session_on_close = not is_refused(url)  # type: ignore[attr-defined]
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


def _set(spark: SparkSession, wanted: dict[str, str]) -> SparkSession:
    try:
        for name, value in wanted.items():
            spark.conf.set(name, value)
    except PySparkException as error:
        raise EngineError(f"Spark does not take this session: {_refusal(error)}") from error
    return spark


def _refusal(error: PySparkException) -> str:
    if "UNAUTHENTICATED" not in str(error):
        return f"{first_line(error)}."
    if TOKEN in os.environ:
        return f"the token in the environment variable {TOKEN} is not the server's."
    return f"the server asks for a token. Set the environment variable {TOKEN} to it."


def _bring_package(spark: SparkSession) -> None:
    """Send our package to the server, whose Python workers run functions of it."""
    package = Path(__file__).parents[3]
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder, "shoplake.zip")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
            for file in sorted(package.rglob("*.py")):
                bundle.write(file, Path("shoplake") / file.relative_to(package))
        spark.addArtifacts(str(packed), pyfile=True)


def _can_run_ours(spark: SparkSession) -> None:
    """Raise EngineError unless the server's Python is this one's minor version and has what our functions need."""
    wanted = f"It must be Python {sys.version_info.major}.{sys.version_info.minor} with {', '.join(MODULES.values())}"
    try:
        [(lacks,)] = spark.range(1).select(udf(missing_packages, "string", useArrow=False)()).collect()
    except PySparkException as error:
        lines = [line.strip() for line in message(error).splitlines() if "Error: " in line]
        why = lines[-1] if lines else first_line(error)
        raise EngineError(f"The Spark server's Python cannot run shoplake's functions: {why} {wanted}.") from error
    if lacks:
        raise EngineError(f"The Spark server's Python lacks what shoplake's functions need. There: pip install {lacks}")


def _reckon_in_utc() -> None:
    os.environ["TZ"] = "UTC"
    time.tzset()

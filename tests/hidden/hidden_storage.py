"""A Spark Connect server whose warehouse no other process can see: it stands for a catalog's managed storage.

The server runs in a mount namespace of its own, with a file system in memory over its warehouse. A client sees an empty
folder there: whoever reads or writes tables by their paths sees nothing, or writes what the server never reads.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shoplake.engine.session.spark.config import LOG_SETTINGS, settings
from shoplake.engine.session.spark.install import install
from shoplake.engine.session.spark.java import java
from shoplake.engine.session.spark.server import CLASS
from shoplake.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

CATALOG = "spark_catalog"
"""The one catalog of Delta tables that an open-source Spark has."""
HIDE = 'mount --make-rprivate / && mount -t tmpfs tmpfs "$0" && exec "$@"'
STARTED = re.compile(r"server started at: 127\.0\.0\.1:(\d+)")
START_TIMEOUT_S = 300
QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
NO_COMPILING = {"spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.codegen.wholeStage": "false"}


@dataclass(frozen=True)
class HiddenStorage:
    """A running server: `remote` and `catalog` are the settings of a lake in it."""

    remote: str
    warehouse: Path
    pid: int
    log: Path
    catalog: str = CATALOG

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a lake in the server's catalog."""
        return {"engine": "spark", "remote": self.remote, "catalog": self.catalog}


@contextmanager
def hidden_storage_server(memory_bytes: int = 2 << 30) -> Iterator[HiddenStorage]:
    """Run a server, without a token, until the end of `with`; the test is skipped without Java or mount namespaces."""
    skip_unless_hidden()
    folder = Path(tempfile.mkdtemp(prefix="hidden-"))
    process = _start(folder, memory_bytes)
    try:
        port = _port(process, folder / "server.log")
        yield HiddenStorage(f"sc://localhost:{port}", folder / "warehouse", process.pid, folder / "server.log")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def skip_unless_hidden() -> None:
    """Skip a test where no Java can run the server, or no namespace can hide its storage."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    if shutil.which("unshare") is None:
        pytest.skip("no unshare: a server's storage cannot be hidden")
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["unshare", "-m", "sh", "-c", HIDE, folder, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"a server's storage cannot be hidden: {tried.stderr.decode().strip()}")


def _start(folder: Path, memory_bytes: int) -> subprocess.Popen[bytes]:
    home, warehouse = install(), folder / "warehouse"
    warehouse.mkdir()
    (folder / "log4j2.properties").write_text(LOG_SETTINGS)
    more = [part for name, value in NO_COMPILING.items() for part in ("--conf", f"{name}={value}")]
    submit = [str(home.spark / "bin" / "spark-submit"), "--class", CLASS, "--name", "hidden"]
    java_options = os.environ.get("JDK_JAVA_OPTIONS", QUICK_TO_START)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", java_options)  # the settings have no second collector beside its own
        arguments = [*settings(folder, home.jars, memory_bytes), *more, "spark-internal"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_", "PYTHON"))}
    theirs = {
        "TZ": "UTC",
        "SPARK_HOME": str(home.spark),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(home.python),
        "JDK_JAVA_OPTIONS": java_options,
    }
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            ["unshare", "-m", "sh", "-c", HIDE, str(warehouse), *submit, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=ours | theirs,
            start_new_session=True,
        )


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        if match := STARTED.search(log.read_text(errors="replace")):
            return int(match[1])
        time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")

"""The local Spark Connect server: started when first needed, shared by commands, stopped on request."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock

from shoplake.engine.session.spark.config import LOG_SETTINGS, settings
from shoplake.engine.session.spark.install import SparkInstallation, home, install
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError

CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"
STARTED = re.compile(r"server started at: 127\.0\.0\.1:(\d+)")
START_TIMEOUT_S = 300
"""The first start fetches Delta's jars from Maven Central."""
STOP_TIMEOUT_S = 20
PROCESSES = Path("/proc")
"""Where Linux describes its processes."""
PASSED_ON = ("SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "SPARK_SUBMIT_OPTS")
"""Variables of Spark that a user may have set for a server; others are meant for the client."""


@dataclass(frozen=True)
class Server:
    """A running server: its process, its port on this machine, and the token it requires."""

    pid: int
    port: int
    token: str = field(repr=False)
    started_at: float
    log: str

    @property
    def remote(self) -> str:
        """The address for Spark Connect, with the token; by name, as only then a token is sent without TLS."""
        return f"sc://localhost:{self.port}/;token={self.token}"


def running_server() -> Server | None:
    """Return the server of this shoplake, if it runs."""
    return _read(_folder(home()) / "server.json")


def list_servers() -> list[Server]:
    """Return all running servers of this user, also of other checkouts, versions and Pythons; the oldest first."""
    running = [_read(file) for file in _state().glob("spark-*/server.json")]
    return sorted((server for server in running if server), key=lambda server: server.started_at)


def sessions_folder() -> Path:
    """Return the folder with the open sessions of the server of this shoplake."""
    return _folder(home()) / "sessions"


def start_server(memory_bytes: int | None = None) -> Server:
    """Return the server, started if it does not run; `memory_bytes` then limits the heap of its Java.

    Raises EngineError without Java 17, without what is fetched at the first start, or if it does not come up.
    """
    if running := running_server():
        return running
    java_path, installation = java(), install()
    folder = _folder(installation)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / "lock"):
        return running_server() or _start(installation, folder, java_path, memory_bytes)


def stop_servers() -> list[Server]:
    """Stop all servers of this user; return those that ran."""
    running = list_servers()
    for server in running:
        os.kill(server.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_TIMEOUT_S
    for server in running:
        while _is_ours(server.pid):
            if time.monotonic() > until:
                os.kill(server.pid, signal.SIGKILL)
            time.sleep(0.1)
        Path(server.log).with_name("server.json").unlink(missing_ok=True)
    return running


def _read(file: Path) -> Server | None:
    """Return the server that a file describes, if it runs."""
    try:
        server = Server(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return server if _is_ours(server.pid) else None


def _folder(home: SparkInstallation) -> Path:
    """Return the folder of the server: server.json with the token, and its log."""
    return _state() / home.name


def _state() -> Path:
    """Shoplake's folder for what must outlive a command (`XDG_STATE_HOME`)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "shoplake")


def _start(home: SparkInstallation, folder: Path, java: Path, memory_bytes: int | None) -> Server:
    (folder / "log4j2.properties").write_text(LOG_SETTINGS, encoding="utf-8")
    log, token = folder / "server.log", secrets.token_urlsafe(32)
    arguments = settings(folder, home.jars, memory_bytes)
    command = [str(home.spark / "bin" / "spark-submit"), "--class", CLASS, "--name", "shoplake", *arguments]
    with open(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as output:  # noqa: PTH123 (its mode)
        started = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command, "spark-internal"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=folder,
            env=_environment(home, java, token),
            start_new_session=True,
            check=True,
        )
    server = Server(int(started.stdout), 0, token, time.time(), str(log))
    try:
        return _record(folder, Server(**asdict(server) | {"port": _port(server)}))
    except BaseException:  # Ctrl-C too: no later command would know of the server
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGKILL)
        raise


def _environment(home: SparkInstallation, java: Path, token: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_", "PYTHON"))}
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    path = f"{java.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **ours,
        **passed_on,
        "PATH": path,
        "TZ": "UTC",
        "SPARK_HOME": str(home.spark),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": token,
        "PYSPARK_PYTHON": str(home.python),
        "PYTHONPATH": str(home.path),
    }


def _port(server: Server) -> int:
    """Return the port of the server, as soon as its log names it."""
    log, until = Path(server.log), time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        is_over = _has_ended(server.pid)
        text = log.read_text(encoding="utf-8", errors="replace")
        if match := STARTED.search(text):
            return int(match[1])
        if is_over:
            raise EngineError(f"Spark did not start: {_reason(text)} Its output is in {log}.")
        time.sleep(0.1)
    raise EngineError(f"Spark did not start within {START_TIMEOUT_S} s. Its output is in {log}.")


def _reason(text: str) -> str:
    """Return the line of a log that most likely says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any("unresolved dependency" in line or "UNRESOLVED DEPENDENCIES" in line for line in lines):
        return "Delta's jars could not be fetched from Maven Central; is it reachable?"
    errors = [line for line in lines if "Exception" in line or "Error" in line]
    return f"{(errors or lines or ['it printed nothing.'])[0]}"


def _record(folder: Path, server: Server) -> Server:
    draft = folder / "server.json.draft"
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as note:  # noqa: PTH123 (its mode)
        json.dump(asdict(server), note)
    draft.replace(folder / "server.json")
    return server


def _is_ours(pid: int) -> bool:
    """Whether that process is a Spark Connect server; its number may have gone to another one since."""
    return CLASS in _command(pid)


def _runs(pid: int) -> bool:
    return bool(_command(pid))


def _has_ended(pid: int) -> bool:
    """Whether a process has ended. One that another program replaces has no command line for a moment."""
    if _runs(pid):
        return False
    time.sleep(0.05)
    return not _runs(pid)


def _command(pid: int) -> str:
    """Return the command line of a process; nothing for one that has ended. Slim images of Linux have no `ps`."""
    if (PROCESSES / "self/cmdline").exists():
        try:
            return (PROCESSES / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    done = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "" if "<defunct>" in done.stdout else done.stdout.strip()

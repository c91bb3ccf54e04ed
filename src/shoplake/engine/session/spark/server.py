"""The local Spark Connect server: started when first needed, kept between commands, stopped when asked to."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from shoplake.engine.session.spark.config import LOG_SETTINGS, settings
from shoplake.engine.session.spark.install import SparkInstallation, home, install
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError

CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"
STARTED = re.compile(r"server started at: 127\.0\.0\.1:(\d+)")
LONGEST_START_S = 300
"""The first start fetches Delta's jars from Maven Central."""
LONGEST_END_S = 20
KEPT = ("SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "SPARK_SUBMIT_OPTS")
"""Of the variables that Spark reads, those that a user may have set for a server; others are the client's."""


@dataclass(frozen=True)
class Server:
    """A server that runs: its process, its port on this machine, and the token it asks for."""

    pid: int
    port: int
    token: str
    started_at: float
    log: str

    @property
    def remote(self) -> str:
        """How Spark Connect reaches it, token and all; by name, as only then a token goes without TLS."""
        return f"sc://localhost:{self.port}/;token={self.token}"


def running_server() -> Server | None:
    """The server of this shoplake, if it runs."""
    return _noted(_folder(home()) / "server.json")


def list_servers() -> list[Server]:
    """All of this user's that run, those of other checkouts, versions and Pythons too; the oldest first."""
    found = [_noted(note) for note in _state().glob("spark-*/server.json")]
    return sorted((server for server in found if server), key=lambda server: server.started_at)


def start_server(memory_bytes: int | None = None) -> Server:
    """The server, started if it does not run; `memory_bytes` is then the most that its Java takes for data.

    Raises EngineError without Java 17, without what is fetched at the first start, or if it does not come up.
    """
    if found := running_server():
        return found
    where_java, made = java(), install()
    folder = _folder(made)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / "lock"):
        return running_server() or _start(made, folder, where_java, memory_bytes)


def stop_servers() -> list[Server]:
    """Stop all of this user's servers and say which they were."""
    found = list_servers()
    for server in found:
        os.kill(server.pid, signal.SIGTERM)
    until = time.monotonic() + LONGEST_END_S
    for server in found:
        while _is_ours(server.pid):
            if time.monotonic() > until:
                os.kill(server.pid, signal.SIGKILL)
            time.sleep(0.1)
        Path(server.log).with_name("server.json").unlink(missing_ok=True)
    return found


def _noted(note: Path) -> Server | None:
    """The server that a file tells of, if it runs."""
    try:
        found = Server(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if _is_ours(found.pid) else None


def _folder(home: SparkInstallation) -> Path:
    """Where what the server knows of itself lies: server.json with the token, its log."""
    return _state() / home.name


def _state() -> Path:
    """Shoplake's folder for what must outlive a command (`XDG_STATE_HOME`)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "shoplake")


def _start(home: SparkInstallation, folder: Path, java: Path, memory_bytes: int | None) -> Server:
    (folder / "log4j2.properties").write_text(LOG_SETTINGS, encoding="utf-8")
    log, token = folder / "server.log", secrets.token_urlsafe(32)
    given = settings(folder, home.jars, memory_bytes)
    command = [str(home.spark / "bin" / "spark-submit"), "--class", CLASS, "--name", "shoplake", *given]
    with open(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as told:  # noqa: PTH123 (its mode)
        said = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command, "spark-internal"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=told,
            cwd=folder,
            env=_environment(home, java, token),
            start_new_session=True,
            check=True,
        )
    server = Server(int(said.stdout), 0, token, time.time(), str(log))
    return _kept(folder, Server(**asdict(server) | {"port": _port(server)}))


def _environment(home: SparkInstallation, java: Path, token: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_", "PYTHON"))}
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    path = f"{java.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **ours,
        **kept,
        "PATH": path,
        "TZ": "UTC",
        "SPARK_HOME": str(home.spark),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": token,
        "PYSPARK_PYTHON": str(home.python),
        "PYTHONPATH": str(home.path),
    }


def _port(server: Server) -> int:
    """The port that the server has taken, as soon as it says so."""
    log, until = Path(server.log), time.monotonic() + LONGEST_START_S
    while time.monotonic() < until:
        is_over = not _runs(server.pid)
        text = log.read_text(encoding="utf-8", errors="replace")
        if found := STARTED.search(text):
            return int(found[1])
        if is_over:
            raise EngineError(f"Spark did not start: {_why(text)} All it said is in {log}.")
        time.sleep(0.1)
    os.kill(server.pid, signal.SIGKILL)
    raise EngineError(f"Spark did not start within {LONGEST_START_S} s. What it said is in {log}.")


def _why(text: str) -> str:
    """The line of a log that most likely says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any("unresolved dependency" in line or "UNRESOLVED DEPENDENCIES" in line for line in lines):
        return "Delta's jars could not be fetched from Maven Central; is it to be reached?"
    telling = [line for line in lines if "Exception" in line or "Error" in line]
    return f"{(telling or lines or ['it said nothing.'])[0]}"


def _kept(folder: Path, server: Server) -> Server:
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


def _command(pid: int) -> str:
    """The command line of a process; nothing for one that has ended."""
    done = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "" if "<defunct>" in done.stdout else done.stdout.strip()

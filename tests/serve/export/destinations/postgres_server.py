"""A PostgreSQL server of a test's own, from the Debian package `postgresql` or from PATH."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "canary-p@ss/word"
ESCAPED = "canary-p%40ss%2Fword"
SERVER = "-c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {port}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server with the user `shop`; yields the URL of its database `postgres`, with the password."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="shoplake-pg-"))
    (folder / "password").write_text(PASSWORD)
    account = _unprivileged(folder)
    port = _free_port()

    def call(program: str, *words: str) -> None:
        command = [*account, str(programs / program), "-D", str(folder / "data"), *words]
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60)

    try:
        call("initdb", "-U", "shop", "-A", "scram-sha-256", f"--pwfile={folder}/password", "--no-sync")
        call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", SERVER.format(port=port), "start")
        try:
            yield f"postgresql://shop:{ESCAPED}@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    if found := shutil.which("pg_ctl"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))


def _unprivileged(folder: Path) -> list[str]:
    """How to run a program as somebody other than root, whom the server refuses; who owns `folder` from now on."""
    if os.geteuid() != 0:
        return []
    for path in (folder, folder / "password"):
        shutil.chown(path, "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])

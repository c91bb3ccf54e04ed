import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shoplake.engine.session.spark import install
from shoplake.engine.session.spark import server as spark_server
from shoplake.errors import EngineError

SLEEPER = "import sys, time; print('server started at: 127.0.0.1:41234', file=sys.stderr, flush=True); time.sleep(60)"


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """A Spark whose `spark-submit` does what a test says; its state and cache are the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(install, "_run", lambda *_: None)
    monkeypatch.setattr(spark_server, "java", lambda: Path("/usr/bin/java"))

    def doing(script):
        submit = install.install().spark / "bin" / "spark-submit"
        submit.parent.mkdir(parents=True, exist_ok=True)
        submit.write_text(f"#!/bin/sh\n{script}\n")
        submit.chmod(0o755)

    yield doing
    spark_server.stop_servers()


def test_a_server_is_started_once_kept_for_all_and_stopped_when_asked_to(fake):
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')

    server = spark_server.start_server()

    assert server.port == 41234 and server.remote == f"sc://localhost:41234/;token={server.token}"
    assert spark_server.start_server() == server == spark_server.running_server()
    assert spark_server.stop_servers() == [server]
    assert spark_server.running_server() is None and spark_server.stop_servers() == []


def test_those_of_other_versions_are_found_and_stopped_too(fake, monkeypatch):
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')
    first = spark_server.start_server()
    monkeypatch.setattr(install, "packages", lambda: ["pyspark==4.3.0"])
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')
    second = spark_server.start_server()

    assert second != first and spark_server.list_servers() == [first, second]
    assert spark_server.stop_servers() == [first, second]
    assert spark_server.list_servers() == []


def test_its_token_is_in_a_file_for_the_user_alone_and_in_no_command_line(fake):
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')

    server = spark_server.start_server()

    note = Path(server.log).with_name("server.json")
    assert json.loads(note.read_text())["token"] == server.token
    assert [stat.S_IMODE(Path(path).stat().st_mode) for path in (note, server.log)] == [0o600, 0o600]
    assert (
        server.token
        not in subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    )


def test_a_process_that_only_has_the_servers_number_is_none_and_is_not_stopped(fake):
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')
    server = spark_server.start_server()
    spark_server.stop_servers()
    note = Path(server.log).with_name("server.json")
    note.write_text(json.dumps({**vars(server), "pid": os.getpid()}))

    assert spark_server.running_server() is None and spark_server.stop_servers() == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="ps is everywhere but in slim images of Linux")
def test_a_server_is_found_where_there_is_no_ps(fake, monkeypatch):
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')
    server = spark_server.start_server()
    monkeypatch.setenv("PATH", "/nothing")

    assert spark_server.running_server() == server
    assert spark_server.stop_servers() == [server]


def test_a_server_whose_start_is_interrupted_is_ended(fake, monkeypatch):
    def interrupted(server):
        started.append(server)
        raise KeyboardInterrupt

    started = []
    fake(f'exec {sys.executable} -c "{SLEEPER}" "$@"')
    monkeypatch.setattr(spark_server, "_port", interrupted)

    with pytest.raises(KeyboardInterrupt):
        spark_server.start_server()
    until = time.monotonic() + 10
    while spark_server._is_ours(started[0].pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not spark_server._is_ours(started[0].pid)


@pytest.mark.parametrize(
    ("says", "hears"),
    [
        ("Exception in thread: no such class", "Exception in thread: no such class Its output is in"),
        ("unresolved dependency: io.delta", "could not be fetched from Maven Central"),
    ],
)
def test_a_server_that_ends_at_once_says_why_in_one_line(fake, says, hears):
    fake(f"echo loading >&2; echo '{says}' >&2; exit 1")

    with pytest.raises(EngineError, match=f"Spark did not start: .*{hears}") as raised:
        spark_server.start_server()
    assert "\n" not in str(raised.value)


def test_without_java_nothing_is_fetched(monkeypatch, tmp_path):
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(EngineError, match="There is no Java"):
        spark_server.start_server()
    assert list(tmp_path.iterdir()) == []

import os
import sys
import time

import pytest

from shoplake.serve import build_process
from shoplake.serve.build_process import LOWEST_PRIORITY, BuildLoop, build_command, run_build


@pytest.fixture
def command(monkeypatch):
    """Replaces the command of a build by Python code."""
    return lambda code: monkeypatch.setattr(build_process, "build_command", lambda config: [sys.executable, "-c", code])


def test_a_build_is_a_command_of_its_own(tmp_path):
    assert build_command(tmp_path / "shoplake.toml")[1:] == [
        *("-m", "shoplake", "serve", "--refresh", "--config"),
        str(tmp_path / "shoplake.toml"),
    ]


def test_a_build_has_low_priority(command, tmp_path):
    command(f"import os, time\nwhile os.nice(0) < {LOWEST_PRIORITY}: time.sleep(0.01)\nprint(os.nice(0))")

    assert run_build(tmp_path) == (0, str(LOWEST_PRIORITY))


def test_a_failure_is_returned_with_its_message(command, tmp_path):
    command("import sys; sys.exit('no run')")

    assert run_build(tmp_path) == (1, "no run")


def test_the_loop_builds_again_and_again_until_it_is_stopped(command, tmp_path):
    builds = tmp_path / "builds"
    command(f"open({str(builds)!r}, 'a').write('x')")
    loop = BuildLoop(tmp_path, 0.01)
    loop.start()
    wait_until(lambda: builds.is_file() and len(builds.read_text()) > 1)
    loop.stop()
    built = builds.read_text()

    time.sleep(0.1)
    assert builds.read_text() == built


def test_a_failure_that_lasts_is_logged_once(command, tmp_path, caplog):
    tries = tmp_path / "tries"
    command(f"f = open({str(tries)!r}, 'a'); f.write('x'); f.close(); import sys; sys.exit('gone')")
    loop = BuildLoop(tmp_path, 0.01)
    loop.start()
    wait_until(lambda: tries.is_file() and len(tries.read_text()) > 2)
    loop.stop()

    assert [each.getMessage() for each in caplog.records] == ["store: the build failed: gone"]


def test_stopping_ends_a_build_in_progress(command, tmp_path):
    note = tmp_path / "process"
    command(f"import os, time; open({str(note)!r}, 'w').write(f'{{os.getpid()}}.'); time.sleep(600)")
    loop = BuildLoop(tmp_path, 1)
    loop.start()
    wait_until(lambda: note.is_file() and note.read_text().endswith("."))
    loop.stop()

    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()[:-1]), 0)


def wait_until(is_so):
    """Wait for what another process does, and no longer than a minute."""
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)

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
    command("import os, time; time.sleep(0.3); print(os.nice(0))")

    assert run_build(tmp_path) == (0, str(LOWEST_PRIORITY))


def test_a_failure_is_returned_with_its_message(command, tmp_path):
    command("import sys; sys.exit('no run')")

    assert run_build(tmp_path) == (1, "no run")


def test_the_loop_builds_again_and_again_until_it_is_stopped(command, tmp_path):
    command(f"open({str(tmp_path / 'builds')!r}, 'a').write('x')")
    loop = BuildLoop(tmp_path, 0.01)
    loop.start()
    until = time.monotonic() + 20
    while time.monotonic() < until and not (
        (tmp_path / "builds").is_file() and len((tmp_path / "builds").read_text()) > 1
    ):
        time.sleep(0.05)
    loop.stop()
    builds = (tmp_path / "builds").read_text()

    assert len(builds) > 1
    time.sleep(0.1)
    assert (tmp_path / "builds").read_text() == builds


def test_stopping_ends_a_build_in_progress(command, tmp_path):
    command("import time; time.sleep(60)")
    loop = BuildLoop(tmp_path, 1)
    loop.start()
    time.sleep(0.1)
    began = time.monotonic()
    loop.stop()

    assert time.monotonic() - began < 9

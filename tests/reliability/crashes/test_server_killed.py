"""The Spark server itself is killed in the middle of a run: one line, and the next run starts another and mends it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shoplake.engine.session.spark import server
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineConnectionLostError, EngineError

from ..lakes import EVENTS, content, difference, drop, event, lake_at

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
"""Each starts Spark's server twice."""
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import click
from reliability.lakes import EVENTS, lake_at
from shoplake.cli.group import ShoplakeGroup

@click.group(cls=ShoplakeGroup)
def main(): pass

@main.command()
def run():
    settings = dict(engine="spark", remote="local", max_files_per_batch=2)
    lake_at(Path(sys.argv[2]), Path(sys.argv[3]), tables=EVENTS, **settings).run()

main(["run"])
"""


@pytest.fixture
def state(monkeypatch, tmp_path) -> Iterator[None]:
    """Servers of this test's own."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    server.stop_servers()


def run(lake: Path, landing: Path) -> subprocess.Popen[str]:
    given = [str(Path(__file__).parents[2]), str(lake), str(landing)]
    return subprocess.Popen([sys.executable, "-c", RUN, *given], stderr=subprocess.PIPE, text=True)


def commits(lake: Path) -> int:
    """How many there are in all tables but the state store's."""
    return len(list(lake.glob("[bs]*/*/_delta_log/*.json")))


@pytest.mark.parametrize("commits_before", [3, 5, 8])
def test_a_run_whose_server_is_killed_says_so_in_one_line_and_the_next_run_mends_it(state, tmp_path, commits_before):
    landing, lake = tmp_path / "landing", tmp_path / "lake"
    for number in range(6):
        drop(landing, f"events/{number}.json", *[event(10 * number + each) for each in range(12)], "oops")
    with run(lake, landing) as victim:
        while commits(lake) < commits_before:
            assert victim.poll() is None, "the run was over before its server could be killed"
            time.sleep(0.05)
        time.sleep(random.uniform(0, 1.5))
        os.kill(server.running_server().pid, signal.SIGKILL)
        [line] = victim.communicate(timeout=60)[1].splitlines()
    assert line.startswith("Error: Lost connection to Spark: ") and victim.returncode == 1
    with run(lake, landing) as heir:
        assert heir.communicate(timeout=300)[1] == "" and heir.returncode == 0
    lake_at(tmp_path / "whole", landing, tables=EVENTS).run()
    assert difference(content(tmp_path / "whole"), content(lake)) == {}


def test_a_stream_whose_server_is_killed_leaves_nothing_that_holds_the_lake_and_the_next_mends_it(state, tmp_path):
    landing, at = tmp_path / "landing", tmp_path / "lake"
    for number in range(4):
        drop(landing, f"events/{number}.json", *[event(10 * number + each) for each in range(12)])
    lake = lake_at(at, landing, engine="spark", remote="local", max_files_per_batch=2, tables=EVENTS)
    output = lake.stream(threading.Event())
    next(output)
    time.sleep(1)
    os.kill(server.running_server().pid, signal.SIGKILL)
    with pytest.raises(EngineConnectionLostError, match="Lost connection to Spark: "):
        list(output)
    list(lake.stream(threading.Event()))
    lake_at(tmp_path / "whole", landing, tables=EVENTS).run()
    assert difference(content(tmp_path / "whole"), content(at)) == {}

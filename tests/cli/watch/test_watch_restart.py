import math
import sys
from pathlib import Path

import click
import pytest

from shoplake.cli.watch.process_restart import Handover, StartedProcess
from shoplake.cli.watch.watch_restart import open_restart
from shoplake.settings import Settings

CONFIG = Path("shoplake.toml")
PROCESS = StartedProcess(("-m", "shoplake", "run", "--watch"), {}, "/")
SAIL = Settings(lake="lake", feeds=())
SPARK = Settings(lake="lake", feeds=(), engine="spark", remote="local")


def test_a_watch_on_the_embedded_engine_can_start_again():
    assert open_restart(PROCESS, CONFIG, SAIL, None) is not None


@pytest.mark.parametrize(
    ("process", "settings", "above"), [(None, SAIL, 1e9), (PROCESS, SPARK, None), (PROCESS, SPARK, math.inf)]
)
def test_spark_and_a_command_that_another_program_calls_do_not_start_again(process, settings, above):
    assert open_restart(process, CONFIG, settings, above) is None


def test_a_size_is_wrong_usage_on_spark():
    with pytest.raises(click.UsageError, match="--restart-above is for the embedded engine"):
        open_restart(PROCESS, CONFIG, SPARK, 1e9)


def test_signals_that_wait_are_received_also_where_the_engine_is_another_one_by_now():
    started = StartedProcess(PROCESS.arguments, {}, "/", Handover({}, 9))
    assert open_restart(started, CONFIG, SPARK, None) is not None


@pytest.mark.parametrize(("system", "argument"), [("nt", "shoplake"), ("posix", "-")])
def test_windows_and_a_program_that_was_read_from_stdin_do_not_start_again(monkeypatch, system, argument):
    monkeypatch.setattr("shoplake.cli.watch.process_restart.os.name", system)
    monkeypatch.setattr(sys, "argv", [argument])

    assert not PROCESS.can_restart

from __future__ import annotations

import contextlib
import io
import os
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shoplake.cli.lab.lesson import find_lab
from shoplake.cli.lab.play import play
from shoplake.cli.lab.work_folder import WorkFolder
from shoplake.cli.main import main
from shoplake.engine import stop_servers
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator


QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
"""For Java, where a server lives for minutes: no second compiler."""


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkFolder]:
    """A work folder with the simulated shop, whose lake is built when a lesson first needs it; lessons run in it."""
    folder = WorkFolder(tmp_path_factory.mktemp("lab"), find_lab())
    with folder.support():
        folder.make_shop()
        yield folder


@pytest.fixture(scope="session")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Spark server of the tests' own, which a lesson starts; without Java its tests are skipped."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("JDK_JAVA_OPTIONS", os.environ.get("JDK_JAVA_OPTIONS", QUICK_TO_START))
        yield
        stop_servers()


@pytest.fixture(scope="session")
def played(work: WorkFolder, request: pytest.FixtureRequest):
    """The names of a lesson that ran once, with its solution and mistakes."""

    @cache
    def run(lesson):
        if "sail" not in lesson.engines:
            request.getfixturevalue("spark_server")
        with contextlib.redirect_stdout(io.StringIO()):
            return play(lesson.cells, lesson.file)

    return run


@pytest.fixture
def lab(work):
    """The command `lab`, in the work folder of the lessons' tests."""

    def call(name, *words):
        result = CliRunner().invoke(main, ["lab", *name.split(), *words, "--folder", str(work.path)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    for file in [*work.path.glob("0*"), *work.path.glob("progress.json")]:
        file.unlink()
    return call

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from few_tables import FILES, TABLES, few_tables

from shoplake.cli.main import main
from shoplake.cli.views.generate import GROUND_TRUTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from click.testing import Result

    Shoplake = Callable[..., Result]

SMALL = ["--events", 3_000, "--customers", 200, "--products", 50, "--days", 5, "--error-rate", 0.04]


@pytest.fixture(autouse=True)
def few() -> Iterator[None]:
    """Lakes that a test opens have few tables too."""
    with few_tables():
        yield


def command_line(tables: Iterable[str]) -> Shoplake:
    """The command line, in this process, where lakes have these tables."""

    def call(*words: object) -> Result:
        with few_tables(tables):
            result = CliRunner().invoke(main, [str(word) for word in words], prog_name="shoplake")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture(scope="session")
def shoplake() -> Shoplake:
    """The command line where lakes have few tables."""
    return command_line(TABLES)


@pytest.fixture(scope="session")
def shoplake_of_files() -> Shoplake:
    """The command line where lakes have the fewest tables that feeds can have."""
    return command_line(FILES)


def shop_in(folder: Path, shoplake: Shoplake) -> Path:
    """The settings of a shop whose files lie in `folder`, with their ground truth; nothing has run yet."""
    assert shoplake("generate", "--landing", folder / "landing", *SMALL, "--json").exit_code == 0
    config = folder / "shoplake.toml"
    place = ("--timezone", "Europe/London", "--currency", "GBP")
    assert shoplake("init", "--path", folder / "landing", "--config", config, *place).exit_code == 0
    return config


def ground_truth_of(landing: Path) -> dict[str, Any]:
    """The ground truth of the files in a landing folder."""
    return json.loads((landing / GROUND_TRUTH).read_text())


@pytest.fixture
def shop(tmp_path: Path, shoplake: Shoplake) -> Path:
    """A shop of a test's own."""
    return shop_in(tmp_path, shoplake)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, shoplake: Shoplake) -> Path:
    """A shop that tests only read."""
    return shop_in(tmp_path_factory.mktemp("shop"), shoplake)


@pytest.fixture(scope="session")
def first_run(shared: Path, shoplake: Shoplake) -> Result:
    """The output of the first run of the shared shop."""
    return shoplake("run", "--config", shared)


@pytest.fixture(scope="session")
def lake(shared: Path, first_run: Result) -> Path:
    """The settings of a lake that has run once."""
    assert first_run.exit_code == 0
    return shared


@pytest.fixture(scope="session")
def copy_lake(lake: Path) -> Callable[[Path], Path]:
    """Copies that lake and its landing folder into a folder, for tests that change them; returns the settings."""

    def copy(folder: Path) -> Path:
        shutil.copytree(lake.parent, folder, dirs_exist_ok=True)
        config = folder / lake.name
        config.write_text(config.read_text().replace(str(lake.parent), str(folder)))
        return config

    return copy


@pytest.fixture
def filled(copy_lake: Callable[[Path], Path], tmp_path: Path) -> Path:
    """The settings of a lake that has run once, of a test's own."""
    return copy_lake(tmp_path)


@pytest.fixture(scope="session")
def ground_truth(shared: Path) -> dict[str, Any]:
    """The ground truth of the shared shop's files."""
    return ground_truth_of(shared.parent / "landing")

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    Shoplake = Callable[..., Result]

FEW = ["--events", 3_000, "--customers", 200, "--products", 50, "--days", 5, "--error-rate", 0.04]


@pytest.fixture(scope="session")
def shoplake() -> Shoplake:
    """The command line, in this process."""

    def call(*words: object) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words], prog_name="shoplake")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


def shop_in(folder: Path, shoplake: Shoplake) -> Path:
    """The settings of a shop whose files lie in `folder`, the truth of them beside them; nothing has run yet."""
    assert shoplake("generate", "--landing", folder / "landing", *FEW, "--json").exit_code == 0
    config = folder / "shoplake.toml"
    assert shoplake("init", "--path", folder / "landing", "--config", config).exit_code == 0
    return config


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
    """What the first run of the shared shop says."""
    return shoplake("run", "--config", shared)


@pytest.fixture(scope="session")
def lake(shared: Path, first_run: Result) -> Path:
    """The settings of a lake that has run once."""
    assert first_run.exit_code == 0
    return shared


@pytest.fixture(scope="session")
def truth(shared: Path) -> dict[str, Any]:
    """What is true of the shared shop's files."""
    return json.loads((shared.parent / "landing" / "ground_truth.json").read_text())

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main


@pytest.fixture(autouse=True)
def few() -> None:
    """A demo has all tables."""


def run_demo(folder: Path, columns: int = 80):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["demo", "--folder", str(folder), "--events", "1500"])


@pytest.fixture(scope="session")
def precious(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake that the environment names while the demo runs."""
    return tmp_path_factory.mktemp("other") / "precious"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, precious: Path) -> tuple[Path, str]:
    """The folder of a demo, and what it prints."""
    folder = tmp_path_factory.mktemp("demos") / "demo"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SHOPLAKE_LAKE", str(precious))
        result = run_demo(folder)
    assert result.exit_code == 0, result.output
    return folder, result.stdout

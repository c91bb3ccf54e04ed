from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main
from shoplake.deploy.orchestrators.nightly_job import NightlyJob, nightly_job
from shoplake.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLACE = ("--timezone", "Europe/London", "--currency", "GBP")


def write_project(folder: Path) -> Path:
    """A project with an own table, `gold.best_sellers`; returns its settings."""
    done = CliRunner().invoke(main, ["init", str(folder), *PLACE], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return folder / "shoplake.toml"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a project without files, that tests only read."""
    return write_project(tmp_path_factory.mktemp("orchestrators") / "Pear & Co")


@pytest.fixture(scope="session")
def job_of() -> Callable[..., NightlyJob]:
    """The nightly job of a project."""

    def job(config: Path, *, executable: str = "/opt/shop/bin/shoplake", **options: str) -> NightlyJob:
        lake = Lake.open(config)
        return nightly_job(config, lake.settings, lake.catalog, executable=executable, **options)

    return job


@pytest.fixture(scope="session")
def job(project: Path, job_of: Callable[..., NightlyJob]) -> NightlyJob:
    """The nightly job of that project."""
    return job_of(project)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a project with files of a simulated shop; nothing has run yet."""
    config = write_project(tmp_path_factory.mktemp("shop") / "shop")
    words = ["generate", "--landing", str(config.parent / "landing"), "--events", "300", "--error-rate", "0.05"]
    assert CliRunner().invoke(main, [*words, "--days", "2"], catch_exceptions=False).exit_code == 0
    return config

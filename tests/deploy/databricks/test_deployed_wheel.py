"""The decisive test: the wheel in an empty environment runs the deployed job on storage that only the server sees."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from few_tables import FILES
from hidden.hidden_storage import hidden_storage_server, skip_unless_hidden
from reliability.lakes import stored

from shoplake.lake import Lake

from .conftest import deploy
from .job_runner import Bundle, in_process_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hidden.hidden_storage import HiddenStorage

pytestmark = pytest.mark.slow
TABLES = (*FILES, "sales_daily")
ROOT = Path(__file__).parents[3]
ROWS = "300"
ARRIVAL = ("batch_id", "ingested_at", "quarantined_at", "approx_viewers")
"""When a row came in, and a number that two engines estimate."""
FEW = f"""
from shoplake.declare.catalog import Catalog
from shoplake.project.project import Project
whole = Project.__dict__["catalog"].func
def few(project):
    catalog, wanted = whole(project), {{*{TABLES!r}, *(table.name for table in project.tables)}}
    for table in reversed(catalog.ordered):
        wanted |= set(table.inputs) if table.name in wanted else set()
    return Catalog([table for table in catalog.ordered if table.name in wanted])
Project.catalog = property(few)
"""
"""Run in a task's process where a few of shoplake's tables are enough."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    builder = environment(folder / "builder")
    if not install(builder, "hatchling"):
        pytest.skip("the wheel cannot be built: no package registry")
    subprocess.run([builder, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> str:
    """The Python of an environment with nothing but the wheel, what it requires, and the client of Spark."""
    made = environment(tmp_path_factory.mktemp("empty") / "venv")
    assert install(made, f"{wheel}[spark]")
    return str(made)


def environment(folder: Path) -> Path:
    without = ["--without-pip"] if shutil.which("uv") else []
    subprocess.run([sys.executable, "-m", "venv", *without, folder], check=True)
    return folder / "bin/python"


def install(python: Path, requirement: str) -> bool:
    """Whether a package could be installed into an environment; uv does it in seconds where it is."""
    uv = shutil.which("uv")
    command = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    return not subprocess.run([*command, "--quiet", requirement], check=False).returncode


@pytest.fixture(scope="module")
def server() -> Iterator[HiddenStorage]:
    skip_unless_hidden()
    with hidden_storage_server() as running:
        yield running


@pytest.mark.parametrize("prelude", [pytest.param(FEW, id="few tables"), pytest.param("", id="all tables")])
def test_the_job_makes_the_tables_of_one_run_and_again_changes_nothing(
    wheel, python, server, prelude, tmp_path, monkeypatch
):
    folder = deploy(tmp_path / "my-shop", "--catalog", server.catalog, "--wheel", wheel)
    deployed = Bundle(folder, "prod", volumes=str(tmp_path / "volumes"))
    call = in_process_of(python, tmp_path, prelude, SHOPLAKE_REMOTE=server.remote)

    first = deployed.run("daily", call, rows=ROWS)
    assert not first.has_failed, first.output[-4000:]
    before = tables(folder, monkeypatch, prelude, catalog=server.catalog, remote=server.remote, lake=tmp_path / "x")
    again = deployed.run("daily", call)
    after = tables(folder, monkeypatch, prelude, catalog=server.catalog, remote=server.remote, lake=tmp_path / "x")

    assert not again.has_failed, again.output[-4000:]
    assert after == before
    files = tmp_path / "volumes" / server.catalog / "landing/files"
    once = in_process_of(sys.executable, tmp_path, prelude, SHOPLAKE_ENGINE="sail")
    places = ["--lake", str(tmp_path / "once"), "--landing", str(files)]
    assert not once(["shoplake", "shoplake-task", *places, "run", "--config", f"{folder}/shoplake.toml"]).returncode
    expected = tables(folder, monkeypatch, prelude, lake=tmp_path / "once")
    assert {name for name, rows in expected.items() if before[name][1] != rows[1]} == set()


def test_the_environment_has_nothing_of_this_checkout(python, tmp_path):
    code = "import shoplake, sys; print(shoplake.__file__)"
    done = subprocess.run([python, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert str(ROOT) not in done.stdout and "site-packages" in done.stdout


def tables(folder, monkeypatch, prelude, *, lake, catalog=None, remote=None):
    """Version and rows of every table, without their arrival; of a lake on Sail the rows alone."""
    values = {"ENGINE": "spark" if remote else "sail", "REMOTE": remote, "CATALOG": catalog, "LAKE": str(lake)}
    for name, value in values.items():
        monkeypatch.setenv(f"SHOPLAKE_{name}", value or "")
    opened = Lake.open(folder / "shoplake.toml")
    chosen = [table for table in opened.catalog.ordered if not prelude or wanted(opened, table.name)]
    return {
        each.qualified_name: contents(opened, each) for table in chosen for each in (table, *table.companion_tables)
    }


def wanted(lake, name):
    """Whether a few tables are enough for this one to be among them."""
    few = {*TABLES, "last_buyers"}
    for table in reversed(lake.catalog.ordered):
        few |= set(table.inputs) if table.name in few else set()
    return name in few


def contents(lake, table):
    names = [column.name for column in table.columns if column.name not in ARRIVAL]
    return lake.engine.version(table), sorted(map(repr, stored(lake, table, names).to_pylist()))

"""More than one machine, stood in for by processes: a driver and workers that exchange all rows by network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conformance.test_tables import SMALL, table_differences

from reliability.lakes import ANSWERS, lake_at, there
from shoplake.engine.session.spark import server as spark_server
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError
from shoplake.simulate import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parents[1]
RUN = """
import sys
from pathlib import Path
from reliability.lakes import lake_at
lake_at(Path(sys.argv[1], "cluster"), Path(sys.argv[1], "landing")).run()
"""
LOCAL_CLUSTER = "local-cluster[2,1,1024]"
"""Two workers with a core and 1 GiB each."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small dirty shop's files, and its lake by one process."""
    folder = tmp_path_factory.mktemp("shop")
    generate(folder / "landing", **SMALL)
    lake_at(folder / "local", folder / "landing").run()
    return folder


@pytest.fixture
def spark_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The local Spark server has executors in processes of their own."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    usual = spark_server.settings
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(spark_server, "settings", lambda *given: [*usual(*given), "--master", LOCAL_CLUSTER])
    yield
    spark_server.stop_servers()


def test_a_driver_and_four_workers_of_sail_make_the_tables_of_one_process(shop):
    environment = os.environ | {"SAIL_MODE": "local-cluster", "PYTHONPATH": str(TESTS)}

    subprocess.run([sys.executable, "-c", RUN, shop], env=environment, check=True)

    assert set(ANSWERS) <= set(there(shop / "local"))
    assert table_differences(shop / "local", shop / "cluster") == {}


@pytest.mark.usefixtures("spark_cluster")
def test_two_workers_of_spark_make_the_tables_of_one_process(shop):
    lake_at(shop / "spark", shop / "landing", engine="spark", remote="local").run()

    assert table_differences(shop / "local", shop / "spark") == {}

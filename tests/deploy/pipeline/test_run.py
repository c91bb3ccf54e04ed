"""A written pipeline, run by `spark-pipelines` on a Connect server with Delta and a Hive catalogue of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance.test_tables import SMALL, exact, is_close, types
from deltalake import DeltaTable
from reliability.lakes import lake_at, read, there

from shoplake.deploy.pipeline.write_pipeline import write_pipeline
from shoplake.engine.session.spark import server as spark_server
from shoplake.engine.session.spark.install import home
from shoplake.engine.session.spark.java import java
from shoplake.errors import EngineError
from shoplake.simulate import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.engine.session.spark.server import Server

pytestmark = pytest.mark.slow
ARRIVAL = {"batch_id", "ingested_at", "quarantined_at"}
NOT_THERE = ("_changelog", "/churn_")
"""Tables of a lake that a pipeline does not have: changelogs, and those of the churn model."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose tables stay in a Hive catalogue, as Delta."""
    try:
        java()
    except EngineError as error:
        pytest.skip(str(error))
    conf = {
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.sources.default": "delta",
        "spark.sql.warehouse.dir": str(tmp_path / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={tmp_path / 'metastore'};create=true",
    }
    added = [part for name, value in conf.items() for part in ("--conf", f"{name}={value}")]
    usual = spark_server.settings
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(spark_server, "settings", lambda *given: [*usual(*given), *added])
    yield spark_server.start_server()
    spark_server.stop_servers()


def test_all_tables_of_a_pipeline_are_those_of_runs(server, tmp_path):
    generate(tmp_path / "landing", **SMALL)
    lake = lake_at(tmp_path / "lake", tmp_path / "landing")
    lake.run()
    (tmp_path / "shoplake.toml").write_text("")
    written = write_pipeline(lake, tmp_path / "shoplake.toml", tmp_path / "pipeline")

    create_schemas(server)
    run_pipeline(server, tmp_path / "pipeline")

    expected = [path for path in there(tmp_path / "lake") if not any(word in path for word in NOT_THERE)]
    assert {path.replace("/", ".") for path in expected} >= set(written.tables)
    assert {path: found for path in expected if (found := pipeline_difference(tmp_path, path))} == {}


def create_schemas(server: Server) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(server.remote).create()
    for layer in ("bronze", "silver", "gold"):
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {layer}").collect()
    session.stop()


def run_pipeline(server: Server, folder: Path) -> None:
    """Run the pipeline with this Python, which has shoplake and PyYAML."""
    script = home().spark / "bin" / "spark-pipelines"
    environment = os.environ | {"SPARK_HOME": str(home().spark), "PYSPARK_PYTHON": sys.executable}
    command = [script, "run", "--remote", server.remote, "--spec", folder / "spark-pipeline.yml"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def pipeline_difference(folder: Path, path: str) -> Any:
    """How a table differs between the lake and the pipeline: types, or numbers of rows; None for equal rows."""
    layer, name = path.split("/")
    left = read(folder / "lake", path)
    right = DeltaTable(str(folder / "warehouse" / f"{layer}.db" / name)).to_pyarrow_table()
    kept = [each for each in left.column_names if each not in ARRIVAL]
    left, right = left.select(kept), right.select(kept)
    same = types(left) == types(right) and exact(left) == exact(right) and is_close(left, right)
    return None if same else (left.num_rows, right.num_rows, types(left), types(right))

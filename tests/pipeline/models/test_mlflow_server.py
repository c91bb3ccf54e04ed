"""The mirror against a real MLflow server: `uv run --extra mlflow pytest -m slow tests/pipeline/models`.

The server is that of mlflow-skinny; Flask and Uvicorn, which it needs beside, come with the group `dev`.
"""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from shoplake.ml.model_errors import ModelMirrorError
from shoplake.pipeline.models.mlflow_mirror import mirror_models

pytest.importorskip("mlflow", reason="needs the extra mlflow")
pytestmark = pytest.mark.slow
ENVIRONMENT = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
START_S = 300


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server of its own, on a free port, with SQLite and a folder of artifacts."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(port), *stores]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | ENVIRONMENT, stdout=log, stderr=log)
        try:
            wait_until_up(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def wait_until_up(address, process):
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    pytest.fail("the server did not start")


def ask(server, path):
    """What the server's REST API answers, without MLflow's client."""
    with urllib.request.urlopen(f"{server}/api/2.0/mlflow/{path}", timeout=60) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def mirrored(trained, server):
    """The result of the first mirroring of a lake with a trained version, which is the champion."""
    trained.training().promote(1, force=True)
    return mirror_models(trained.registry, "churn", server)


def model_version(server):
    return ask(server, "registered-models/alias?name=churn&alias=champion")["model_version"]


def test_the_server_has_the_version_as_champion_with_the_run_of_the_lake(trained, server, mirrored):
    row = trained.registry.version("churn", 1)

    version = model_version(server)

    assert (mirrored.added, mirrored.champion, version["version"]) == ({1: 1}, (1, 1), "1")
    tags = {each["key"]: each["value"] for each in version["tags"]}
    assert (tags["shoplake.run_id"], tags["shoplake.sha256"]) == (row["run_id"], row["sha256"])


def test_the_run_has_the_figures_and_parameters_of_the_registry(trained, server, mirrored):
    row = trained.registry.version("churn", 1)

    data = ask(server, f"runs/get?run_id={model_version(server)['run_id']}")["run"]["data"]

    metrics = {each["key"]: each["value"] for each in data["metrics"]}
    assert metrics["roc_auc"] == pytest.approx(row["metrics"]["metrics"]["forest"]["roc_auc"])
    assert metrics["recency_rule/roc_auc"] == pytest.approx(row["metrics"]["metrics"]["recency rule"]["roc_auc"])
    params = {each["key"]: each["value"] for each in data["params"]}
    assert (params["seed"], params["features"]) == (str(row["seed"]), ", ".join(row["features"]))


def test_the_run_has_the_file_of_the_model_to_the_byte_and_its_card(trained, server, mirrored):
    run = ask(server, f"runs/get?run_id={model_version(server)['run_id']}")["run"]["info"]
    path = run["artifact_uri"].removeprefix("mlflow-artifacts:/")

    def download(name):
        address = f"{server}/api/2.0/mlflow-artifacts/artifacts/{quote(path)}/{name}"
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read()

    assert hashlib.sha256(download("model/model.skops")).hexdigest() == trained.registry.version("churn", 1)["sha256"]
    assert download("model_card.md").startswith(b"# churn version 1\n")


def test_mirroring_again_copies_nothing(trained, server, mirrored):
    again = mirror_models(trained.registry, "churn", server)

    assert (again.added, again.champion) == ({}, (1, 1))
    assert len(ask(server, "model-versions/search?filter=name%3D%27churn%27")["model_versions"]) == 1


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # of SQLAlchemy, about MLflow
def test_sqlite_without_a_server_is_mirrored_too(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MLflow puts artifacts into the current folder

    assert mirror_models(trained.registry, "churn", f"sqlite:///{tmp_path}/mlflow.db").added == {1: 1}


def test_an_address_where_nobody_is_is_named_without_its_password(trained):
    with pytest.raises(ModelMirrorError, match=r"mirrored to 'http://127\.0\.0\.1:9'") as caught:
        mirror_models(trained.registry, "churn", "http://ann:secret@127.0.0.1:9")

    assert "secret" not in str(caught.value)


def test_the_file_store_that_mlflow_refuses_is_named(trained, tmp_path):
    with pytest.raises(ModelMirrorError, match="maintenance mode"):
        mirror_models(trained.registry, "churn", f"file://{tmp_path}/mlruns")

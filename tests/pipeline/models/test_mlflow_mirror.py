from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from shoplake.engine import StateStore
from shoplake.errors import MissingExtraError
from shoplake.pipeline.models.mlflow_mirror import ModelMirror, mirror_models
from shoplake.pipeline.models.registry import PROMOTED, ModelRegistry, Stamp

AT = datetime(2026, 3, 1, tzinfo=UTC)
FIGURES = {"rows": 60, "base_rate": 0.4, "roc_auc": 0.81, "ece": float("nan"), "brier": None}
INTERVAL = {"value": 0.03, "low": 0.01, "high": 0.05}
CURVES = {"roc": {}, "calibration": [[60, 0.4, 0.4]], "probabilities": [0.1, 0.9], "lift": [[0, 0], [1, 1]]}
METRICS = {"metrics": {"forest": FIGURES, "MBG/NBD": FIGURES}, "differences": {"recency rule": INTERVAL}}
METRICS |= {"rows": {"test": 60}, "curves": CURVES, "importance": [], "segments": []}
PARAMS = {"trees": 3, "days": {"2026-01-01": "train", "2026-02-01": "test"}, "calibration": {"kind": "platt"}}
HASHES = dict.fromkeys(("sha256", "features_hash", "code_hash", "training_set_hash"), "abc")
ROW = {"name": "churn", "size": 3, "seed": 7, "features": ["a", "b"], "metrics": METRICS, "params": PARAMS} | HASHES
ROW |= {"source_versions": {"silver.events": 4}, "library_versions": {"numpy": "2"}, "parent": None}


class Page(list):
    token = None


class FakeClient:
    """The calls of MLflow's client that the mirror makes, kept in memory."""

    def __init__(self):
        self.runs, self.versions, self.aliases, self.deleted, self.is_stopped = {}, [], {}, [], False

    def get_experiment_by_name(self, name):
        return SimpleNamespace(experiment_id="1")

    def search_registered_models(self, text):
        return ["churn"]

    def search_model_versions(self, text, page_token):
        return Page(self.versions)

    def search_runs(self, experiments, text):
        found = [key for key, run in self.runs.items() if run["tags"]["shoplake.run_id"] in text]
        return [SimpleNamespace(info=SimpleNamespace(run_id=key)) for key in found]

    def delete_run(self, run):
        self.deleted.append(run)
        del self.runs[run]

    def create_run(self, experiment, start_time, tags, run_name):
        key = f"m{len(self.runs) + len(self.deleted)}"
        self.runs[key] = {"tags": tags, "name": run_name, "params": {}, "metrics": {}, "files": {}}
        return SimpleNamespace(info=SimpleNamespace(run_id=key))

    def log_param(self, run, key, value):
        self.runs[run]["params"][key] = value

    def log_metric(self, run, key, value, timestamp):
        self.runs[run]["metrics"][key] = value

    def log_text(self, run, text, name):
        self.runs[run]["files"][name] = text

    def log_artifact(self, run, path, folder):
        if self.is_stopped:
            raise ConnectionError("the server went away")
        self.runs[run]["files"][f"{folder}/model.skops"] = Path(path).read_bytes()

    def set_terminated(self, run, status):
        self.runs[run]["status"] = status

    def create_model_version(self, name, source, run, tags):
        self.versions.append(SimpleNamespace(version=len(self.versions) + 1, tags=tags, source=source))
        return self.versions[-1]

    def set_registered_model_alias(self, name, alias, version):
        self.aliases[alias] = version


@pytest.fixture
def registry(tmp_path):
    """A registry with two versions of churn, of which the first is the champion."""
    state = StateStore(str(tmp_path / "lake"))
    state.create_if_missing()
    registry = ModelRegistry(state)
    for version in (1, 2):
        registry.register(ROW | {"version": version}, b"file %d" % version, Stamp(f"run{version}", AT))
    registry.decide("churn", 1, PROMOTED, "because", {}, Stamp("run1", AT))
    return registry


@pytest.fixture
def client():
    return FakeClient()


def test_each_version_has_a_run_with_its_file_card_and_report(registry, client):
    result = ModelMirror(client, registry, "churn").copy()

    one, two = client.runs.values()
    assert (result.added, result.champion, client.aliases) == ({1: 1, 2: 2}, (1, 1), {"champion": "1"})
    assert (one["files"]["model/model.skops"], two["files"]["model/model.skops"]) == (b"file 1", b"file 2")
    assert one["files"]["model_card.md"].startswith("# churn version 1\n")
    assert "<h1>churn version 2</h1>" in two["files"]["report.html"]
    assert (two["tags"]["shoplake.run_id"], two["tags"]["shoplake.version"], two["status"]) == ("run2", "2", "FINISHED")


def test_figures_have_names_that_mlflow_takes_and_only_numbers(registry, client):
    ModelMirror(client, registry, "churn").copy()

    run = client.runs["m0"]
    assert run["metrics"] == {
        "rows": 60.0,
        "base_rate": 0.4,
        "roc_auc": 0.81,
        "MBG_NBD/rows": 60.0,
        "MBG_NBD/base_rate": 0.4,
        "MBG_NBD/roc_auc": 0.81,
        "roc_auc_over/recency_rule/value": 0.03,
        "roc_auc_over/recency_rule/low": 0.01,
        "roc_auc_over/recency_rule/high": 0.05,
    }
    assert (run["params"]["test_day"], run["params"]["source.silver.events"]) == ("2026-02-01", "4")


def test_nothing_is_copied_twice_and_the_champion_follows(registry, client):
    ModelMirror(client, registry, "churn").copy()
    registry.decide("churn", 2, PROMOTED, "because", {}, Stamp("run3", AT.replace(hour=1)))

    result = ModelMirror(client, registry, "churn").copy()

    assert (result.added, result.champion, len(client.runs)) == ({}, (2, 2), 2)


def test_a_run_that_was_stopped_is_made_anew(registry, client):
    client.is_stopped = True
    with pytest.raises(ConnectionError):
        ModelMirror(client, registry, "churn").copy()
    client.is_stopped = False

    result = ModelMirror(client, registry, "churn").copy()

    assert (result.added, client.deleted, len(client.runs)) == ({1: 1, 2: 2}, ["m0"], 2)


def test_without_the_extra_the_line_to_type_is_named(registry, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"pip install 'shoplake\[mlflow\]'"):
        mirror_models(registry, "churn", "http://127.0.0.1:1")

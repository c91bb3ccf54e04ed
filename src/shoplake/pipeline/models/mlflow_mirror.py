"""Copies the model registry of a lake to MLflow: runs with figures and files, model versions, and the champion.

The lake is the registry; MLflow has a copy for those who look there. MLflow gives its own ids and version numbers: the
tag `shoplake.run_id` of a run and of a model version is the id of the training in the lake.
"""

from __future__ import annotations

import math
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shoplake.errors import MissingExtraError
from shoplake.ml.churn.evaluation.report import render_model_card, render_report
from shoplake.ml.model_errors import ModelMirrorError
from shoplake.pipeline.models.registry import CHAMPION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient

    from shoplake.pipeline.models.registry import ModelRegistry

RUN_TAG, VERSION_TAG = "shoplake.run_id", "shoplake.version"
DEFAULTS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}
"""Environment of MLflow's client where nothing else is set: it reports to nobody, and gives up within seconds."""
MAX_TEXT = 5_000
"""The most characters of a parameter or tag."""


@dataclass(frozen=True)
class MirrorResult:
    """What was copied: the lake's versions that MLflow did not have, and the champion, each as lake → MLflow."""

    name: str
    added: dict[int, int]
    champion: tuple[int, int] | None


def check_mlflow() -> None:
    """Raise MissingExtraError unless MLflow's client is installed."""
    from importlib.util import find_spec

    if any(find_spec(each) is None for each in ("mlflow", "sqlalchemy", "alembic")):
        raise MissingExtraError("A mirror in MLflow", "mlflow")


def mirror_models(registry: ModelRegistry, name: str, tracking_uri: str) -> MirrorResult:
    """Copy the versions of a model that MLflow does not have, and set its alias `champion`.

    Repeated calls copy nothing twice; what a call that was stopped has left is made anew. Raises ModelMirrorError where
    MLflow refuses or cannot be reached.
    """
    check_mlflow()
    for variable, value in DEFAULTS.items():
        os.environ.setdefault(variable, value)
    with _mapped_errors(tracking_uri):
        from mlflow import MlflowClient

        return ModelMirror(MlflowClient(tracking_uri, tracking_uri), registry, name).copy()


class ModelMirror:
    """Copies the versions of a model from a registry to the server of a client."""

    def __init__(self, client: MlflowClient, registry: ModelRegistry, name: str) -> None:
        self._client, self._registry, self._name = client, registry, name

    def copy(self) -> MirrorResult:
        """Copy what is missing, the oldest version first."""
        experiment, known = self._experiment(), self._known_versions()
        added = {}
        for row in self._registry.versions(self._name):
            if row["run_id"] not in known:
                known[row["run_id"]] = added[row["version"]] = self._add(row, experiment)
        return MirrorResult(self._name, added, self._promote(known))

    def _experiment(self) -> str:
        title = f"shoplake.{self._name}"
        found = self._client.get_experiment_by_name(title)
        return str(found.experiment_id if found else self._client.create_experiment(title))

    def _known_versions(self) -> dict[str, int]:
        """Return MLflow's numbers of the versions that it has, by the id of their training."""
        if not self._client.search_registered_models(f"name = '{self._name}'"):
            self._client.create_registered_model(self._name)
        found: dict[str, int] = {}
        token = None
        while True:
            page = self._client.search_model_versions(f"name = '{self._name}'", page_token=token)
            found |= {each.tags[RUN_TAG]: int(each.version) for each in page if RUN_TAG in each.tags}
            if not (token := page.token):
                return found

    def _add(self, row: Mapping[str, Any], experiment: str) -> int:
        """Create the run and the model version of a version of the lake; return MLflow's number."""
        client = self._client
        for stopped in client.search_runs([experiment], f"tags.`{RUN_TAG}` = '{row['run_id']}'"):
            client.delete_run(stopped.info.run_id)
        began = int(row["recorded_at"].timestamp() * 1000)
        title, tags = f"{self._name} {row['version']}", _tags_of(row)
        run = client.create_run(experiment, start_time=began, tags=tags, run_name=title).info.run_id
        for key, value in _params_of(row).items():
            client.log_param(run, key, value)
        for key, number in _metrics_of(row).items():
            client.log_metric(run, key, number, timestamp=began)
        client.log_text(run, render_model_card(row), "model_card.md")
        client.log_text(run, render_report(row), "report.html")
        self._log_file(run, self._registry.read_file(row))
        client.set_terminated(run, "FINISHED")
        source = f"runs:/{run}/model"
        return int(client.create_model_version(self._name, source, run, tags=tags).version)

    def _log_file(self, run: str, content: bytes) -> None:
        from pathlib import Path
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.skops"
            path.write_bytes(content)
            self._client.log_artifact(run, str(path), "model")

    def _promote(self, known: Mapping[str, int]) -> tuple[int, int] | None:
        champion = self._registry.champion(self._name)
        if champion is None:
            return None
        number = known[champion["run_id"]]
        self._client.set_registered_model_alias(self._name, CHAMPION, str(number))
        return champion["version"], number


def _tags_of(row: Mapping[str, Any]) -> dict[str, str]:
    hashes = ("sha256", "features_hash", "code_hash", "training_set_hash")
    return {RUN_TAG: row["run_id"], VERSION_TAG: str(row["version"])} | {
        f"shoplake.{name}": row[name] for name in hashes
    }


def _params_of(row: Mapping[str, Any]) -> dict[str, str]:
    params = row["params"]
    days = {split: [day for day, each in params["days"].items() if each == split] for split in ("train", "test")}
    values = {
        "seed": row["seed"],
        "trees": params["trees"],
        "calibration": params["calibration"]["kind"],
        "train_days": ", ".join(days["train"]),
        "test_day": ", ".join(days["test"]),
        "features": ", ".join(row["features"]),
        "parent": row["parent"] if row["parent"] is not None else "",
    }
    values |= {f"source.{name}": version for name, version in (row["source_versions"] or {}).items()}
    values |= {f"library.{name}": version for name, version in (row["library_versions"] or {}).items()}
    return {_key(name): str(value)[:MAX_TEXT] for name, value in values.items()}


def _metrics_of(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of the model by their names, and those of its peers below the peer's name."""
    metrics = row["metrics"]
    found: dict[str, Any] = {}
    for model, figures in metrics["metrics"].items():
        found |= {name if model == "forest" else f"{model}/{name}": value for name, value in figures.items()}
    for peer, interval in metrics["differences"].items():
        found |= {f"roc_auc_over/{peer}/{end}": value for end, value in interval.items()}
    return {_key(name): float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def _key(name: str) -> str:
    """Return a name in the characters that MLflow takes."""
    return re.sub(r"[^\w.\-/]", "_", name.replace("MBG/NBD", "MBG_NBD"))


@contextmanager
def _mapped_errors(tracking_uri: str) -> Iterator[None]:
    """Turn errors of MLflow's client into ModelMirrorError, without user and password of the address."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        address = urlsplit(tracking_uri)
        place = f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}"
        raise ModelMirrorError(place, str(error).replace(tracking_uri, place)) from None

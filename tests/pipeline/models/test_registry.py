from datetime import UTC, datetime, timedelta

import pytest

from shoplake.engine import StateStore
from shoplake.ml.errors import UnknownModelError
from shoplake.pipeline.models.registry import FORCED, PROMOTED, REFUSED, ModelRegistry, Stamp

AT = datetime(2026, 3, 1, tzinfo=UTC)
ROW = {"name": "churn", "sha256": "abc", "size": 3, "seed": 7, "features": ["a"], "metrics": {"rows": {}}}
ROW |= {"source_versions": {}, "library_versions": {}, "params": {"trees": 3}}


def stamp(minutes=0):
    return Stamp("run", AT + timedelta(minutes=minutes))


@pytest.fixture
def registry(tmp_path):
    state = StateStore(str(tmp_path / "lake"))
    state.create_if_missing()
    return ModelRegistry(state)


def test_a_version_is_read_as_it_was_registered_with_its_file(registry):
    registry.register(ROW | {"version": 1}, b"one", stamp())

    row = registry.version("churn", 1)
    assert (row["features"], row["params"], row["path"]) == (["a"], {"trees": 3}, "models/churn/1/model.skops")
    assert registry.read_file(row) == b"one"


def test_versions_are_numbered_from_1_by_model(registry):
    assert registry.next_version("churn") == 1
    registry.register(ROW | {"version": 1}, b"", stamp())

    assert (registry.next_version("churn"), registry.next_version("other")) == (2, 1)


def test_the_champion_is_the_last_version_that_was_not_refused(registry):
    for version in (1, 2, 3):
        registry.register(ROW | {"version": version}, b"", stamp())
    decisions = [(1, PROMOTED), (2, FORCED), (3, REFUSED)]
    for minute, (version, status) in enumerate(decisions):
        registry.decide("churn", version, status, "because", {"auc": 0.8}, stamp(minute))

    assert registry.champion("churn")["version"] == 2
    assert [(each["version"], each["status"]) for each in registry.decisions("churn")] == decisions


def test_a_lake_without_models_has_none(tmp_path):
    registry = ModelRegistry(StateStore(str(tmp_path / "lake")))

    assert (registry.versions("churn"), registry.champion("churn"), registry.runs("churn")) == ([], None, [])
    with pytest.raises(UnknownModelError, match="It has none"):
        registry.version("churn", 1)


def test_a_file_that_is_gone_is_named(registry, tmp_path):
    registry.register(ROW | {"version": 1}, b"one", stamp())
    (tmp_path / "lake/models/churn/1/model.skops").unlink()

    with pytest.raises(UnknownModelError, match=r"has lost its file models/churn/1/model\.skops"):
        registry.read_file(registry.version("churn", 1))


def test_runs_are_recorded_in_order(registry):
    for minute, command in enumerate(("train", "score")):
        registry.record_run(command, "churn", 1, "done", "fine", 1.23456, stamp(minute))

    assert [(each["command"], each["duration_s"]) for each in registry.runs("churn")] == [
        ("train", 1.235),
        ("score", 1.235),
    ]

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sample_churn_lake import TABLES, SampleChurnLake, churn_training_sets, order_rows

from shoplake.engine import DeltaEngine, StateStore
from shoplake.ml.model_errors import ModelFileError, TrainingError, UnknownModelError
from shoplake.pipeline.models.churn_tables import ChurnLake
from shoplake.pipeline.models.registry import ModelRegistry
from shoplake.pipeline.models.training import ChurnTraining, choose_judge
from shoplake.settings import Settings


def test_the_first_version_is_compared_with_the_recency_rule_and_the_decision_recorded(trained):
    comparison, first = trained.result.comparison, trained.registry.decisions("churn")[0]

    assert comparison.opponent == "recency rule"
    assert (first["version"], first["status"]) == (1, "promoted" if comparison.is_promoted else "refused")


def test_a_version_records_its_data_code_seed_and_figures(trained):
    row = trained.registry.version("churn", 1)

    assert (row["seed"], row["parent"], len(row["features"])) == (5, None, len(trained.lake.features))
    assert {"silver.order_lines", "gold.churn_features"} <= row["source_versions"].keys()
    assert {len(row[name]) for name in ("sha256", "features_hash", "code_hash", "training_set_hash")} == {64}
    assert set(row["params"]["days"].values()) == {"train", "calibrate", "test"}
    assert row["metrics"]["rows"]["test"] > 100


def test_the_training_set_is_a_table_with_the_rows_of_the_version(trained):
    rows = trained.engine.read(churn_training_sets)

    assert rows.where("model_version = 1").count() == sum(trained.result.row["metrics"]["rows"].values())


def test_training_again_with_the_same_rows_gives_the_same_bytes(trained):
    reproduction = trained.training(trees=99).reproduce(1)

    assert reproduction.is_same
    assert reproduction.differences == ()
    assert trained.registry.runs("churn")[-1]["command"] == "reproduce"


def test_a_version_compared_with_itself_is_not_promoted_and_the_refusal_is_recorded(trained):
    trained.training().promote(1, force=True)

    comparison = trained.training().promote(1)

    assert (comparison.is_promoted, comparison.reason) == (False, "its scores are those of version 1")
    assert [each["status"] for each in trained.registry.decisions("churn")][-2:] == ["forced", "refused"]


def test_an_older_version_meets_the_champion_on_rows_that_neither_was_trained_with():
    old = {
        "version": 1,
        "features": ["days", "orders"],
        "params": {"days": {"2026-01-01": "train", "2026-06-01": "test"}},
    }
    later = {"version": 2, "features": ["days", "orders"], "params": {"days": {"2026-07-01": "test"}}}

    assert choose_judge(old, later) == choose_judge(later, old) == later
    assert choose_judge(old, None) == choose_judge(old, later | {"features": ["orders"]}) == old
    assert choose_judge(old, old | {"version": 3}) == old


def test_a_version_that_does_not_exist_is_named_with_those_that_do(trained):
    with pytest.raises(UnknownModelError, match=r"no version 9. Its versions: 1"):
        trained.training().promote(9)


def test_a_swapped_file_is_refused(trained):
    row = trained.registry.version("churn", 1)
    content = trained.registry.read_file(row)
    trained.registry.write_file(row["path"], content + b"\n")

    try:
        with pytest.raises(ModelFileError, match="not the file that was registered"):
            trained.training().promote(1)
    finally:
        trained.registry.write_file(row["path"], content)


def test_a_lake_without_orders_cannot_train(spark, tmp_path):
    lake = SampleChurnLake(spark, tmp_path, customers=0)

    with pytest.raises(TrainingError, match="no order of a known customer"):
        ChurnTraining(replace(lake.lake), lake.registry).train()


def test_a_lake_into_which_nothing_was_ingested_cannot_train_and_stays_empty(spark, tmp_path):
    lake = ChurnLake(DeltaEngine(spark, str(tmp_path)), StateStore(str(tmp_path)), Settings(str(tmp_path), ()), TABLES)

    with pytest.raises(TrainingError, match="Ingest orders first: shoplake run"):
        ChurnTraining(lake, ModelRegistry(lake.state)).train()
    assert list(tmp_path.iterdir()) == []


def test_a_history_that_was_ingested_too_late_is_named_where_a_training_has_no_rows(spark, tmp_path):
    lake = SampleChurnLake(spark, tmp_path, customers=0)
    lake.write_orders(order_rows(60), ingested_at=datetime(2026, 11, 1, tzinfo=UTC))

    with pytest.raises(TrainingError, match=r"100% of the sales before the test day do not count"):
        lake.training().train()

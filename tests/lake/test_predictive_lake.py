from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sample_churn_lake import SampleChurnLake, settings_file

from shoplake import Lake
from shoplake.errors import MissingExtraError
from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.models.registry import ModelRegistry
from shoplake.transforms.features.point_in_time import FeatureError

DAY = date(2025, 12, 1)
OWN = '''
from pyspark.sql import functions as F
from shoplake.declare import feature


@feature("pieces_30d", "bigint", 30, "silver.order_lines", "ordered_at", 0, "Pieces in 30 days", "pieces")
def pieces_30d(values):
    """Pieces."""
    return F.sum(values("quantity"))
'''


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """A lake whose project has a feature of its own."""
    folder = tmp_path_factory.mktemp("predictive")
    SampleChurnLake(spark, folder, customers=5)
    (folder / "tables/gold").mkdir(parents=True)
    (folder / "tables/gold/own_features.py").write_text(OWN)
    return Lake.open(settings_file(folder))


def test_features_of_the_project_stand_beside_those_of_shoplake(lake):
    rows = lake.features(as_of=[DAY]).to_pandas()

    assert {"days_since_last_order", "pieces_30d"} <= set(rows.columns)
    assert (rows.order_days >= rows.pieces_30d.clip(upper=1)).all()


def test_features_of_given_customers_have_one_row_each_and_day(lake):
    entities = lake.engine.session.createDataFrame(
        [("shop", "c0001"), ("shop", "nobody")], "feed string, customer_id string"
    )
    known_at = datetime(2026, 6, 1, tzinfo=UTC)

    rows = lake.features(entities, as_of=[DAY, date(2026, 1, 1)], known_at=known_at).to_pandas()

    assert rows.groupby("customer_id").size().to_dict() == {"c0001": 2, "nobody": 2}
    assert (rows[rows.customer_id == "nobody"].days_since_last_order == 9_999).all()


def test_entities_that_lack_a_column_are_refused_by_its_name(lake):
    entities = lake.engine.session.createDataFrame([("shop",)], "feed string")

    with pytest.raises(FeatureError, match="entities have no column 'customer_id'"):
        lake.features(entities, as_of=[DAY])


def test_a_lake_without_models_has_none(lake):
    assert lake.models.versions("churn") == []


@pytest.mark.parametrize("name", ["train_churn", "score_churn"])
def test_models_need_the_extra_and_features_do_not(lake, monkeypatch, name):
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)

    with pytest.raises(MissingExtraError, match=r"shoplake\[ml\]"):
        getattr(lake, name)()
    assert lake.features(as_of=[DAY]).count() > 0


@pytest.fixture
def retraining(lake, monkeypatch):
    """The lake with retraining every 30 days; what it trains and scores is listed."""
    calls = []
    monkeypatch.setattr(lake, "settings", replace(lake.settings, retrain_days=30))
    monkeypatch.setattr(lake, "train_churn", lambda listener: calls.append("train"))
    monkeypatch.setattr(lake, "score_churn", lambda listener: calls.append("score"))
    lake.calls = calls
    return lake


def test_a_model_is_due_without_a_version_and_after_the_days_of_the_settings(retraining, monkeypatch):
    for age, is_due in ((None, True), (29, False), (31, True)):
        rows = [] if age is None else [{"recorded_at": datetime.now(UTC) - timedelta(days=age)}]
        monkeypatch.setattr(ModelRegistry, "versions", lambda self, name, rows=rows: rows)
        assert retraining.retrain_if_due() is is_due
    assert retraining.calls == ["train", "score"] * 2


def test_a_mirror_that_fails_is_logged_and_fails_no_command(lake, monkeypatch, caplog):
    monkeypatch.setattr(lake, "settings", replace(lake.settings, mlflow="http://127.0.0.1:9"))
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)

    lake._mirror_quietly()

    assert "pip install 'shoplake[mlflow]'" in caplog.text


def test_without_the_setting_a_run_trains_nothing(lake):
    assert lake.retrain_if_due() is False


def failing(error):
    """Return a method that raises the error."""

    def fail(listener):
        raise error

    return fail


def test_a_history_that_is_too_short_is_logged_and_fails_no_run(retraining, monkeypatch, caplog):
    monkeypatch.setattr(retraining, "train_churn", failing(TrainingError("The orders span 9 days.")))

    assert retraining.retrain_if_due() is False
    assert "churn is not trained: The orders span 9 days." in caplog.text


def test_a_version_that_is_not_promoted_is_trained_and_its_scoring_is_logged(retraining, monkeypatch, caplog):
    error = TrainingError("No version of the model 'churn' is the champion.")
    monkeypatch.setattr(retraining, "score_churn", failing(error))

    assert retraining.retrain_if_due() is True
    assert "churn is not scored: No version" in caplog.text
    assert "not trained" not in caplog.text

from datetime import UTC, date, datetime

import pytest
from sample_churn_lake import SampleChurnLake, settings_file

from shoplake import Lake
from shoplake.errors import MissingExtraError

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


def test_a_lake_without_models_has_none(lake):
    assert lake.models.versions("churn") == []


@pytest.mark.parametrize("name", ["train_churn", "score_churn"])
def test_models_need_the_extra_and_features_do_not(lake, monkeypatch, name):
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)

    with pytest.raises(MissingExtraError, match=r"shoplake\[ml\]"):
        getattr(lake, name)()
    assert lake.features(as_of=[DAY]).count() > 0

from datetime import UTC, date, datetime

import pytest
from pyspark.sql import functions as F
from sample_churn_lake import SampleChurnLake, churn_features, churn_scores

from shoplake.engine import StateStore
from shoplake.ml.churn.rows import ChurnRows
from shoplake.ml.model_errors import TrainingError
from shoplake.pipeline.models.model_records import load_record
from shoplake.pipeline.models.registry import REFUSED, ModelRegistry, Stamp
from shoplake.pipeline.models.scoring import score_churn


@pytest.fixture(scope="module")
def scored(trained):
    trained.training().promote(1, force=True)
    trained.scoring = score_churn(trained.lake, trained.registry)
    return trained


def test_every_customer_of_the_population_is_scored_as_of_the_day_after_the_last_order(scored):
    population = scored.engine.read(churn_features).where(F.col("as_of_date") == F.lit(scored.scoring.as_of))

    assert scored.scoring.customers == population.count() > 100
    assert scored.scoring.as_of == scored.lake.order_span()[1]
    assert not scored.scoring.has_changed_features


def test_reasons_add_up_to_the_probability_of_each_customer(scored):
    for row in scored.engine.read(churn_scores).collect():
        explained = row.base_probability + sum(each.contribution for each in row.churn_reasons)
        assert explained == pytest.approx(row.churn_probability, abs=1e-9)
        assert 0 <= row.churn_probability <= 1


def test_scoring_and_training_read_equal_rows_of_an_as_of_day(scored):
    day = next(day for day, split in scored.result.row["params"]["days"].items() if split == "test")
    row = scored.registry.version("churn", 1)
    rows = ChurnRows.from_arrow(scored.lake.training_set(1), row["features"]).part("test")
    expected = load_record(scored.lake, scored.registry, row).load().probabilities(rows.values)

    score_churn(scored.lake, scored.registry, date.fromisoformat(day))

    scores = scored.engine.read(churn_scores).where(F.col("as_of_date").cast("string") == day).collect()
    found = {row.customer_id: row.churn_probability for row in scores}
    assert found == pytest.approx(dict(zip(rows.customers, expected, strict=True)), abs=1e-12)


def test_scoring_a_day_again_replaces_its_scores(scored):
    before = scored.engine.read(churn_scores).count()

    score_churn(scored.lake, scored.registry, scored.scoring.as_of)

    assert scored.engine.read(churn_scores).count() == before


def test_without_a_champion_the_command_to_type_is_named(spark, tmp_path):
    lake = SampleChurnLake(spark, tmp_path, customers=3)

    with pytest.raises(TrainingError, match="shoplake train churn"):
        score_churn(lake.lake, lake.registry)


def test_where_the_last_version_was_refused_it_says_how_to_promote_it(tmp_path):
    state = StateStore(str(tmp_path / "lake"))
    state.create_if_missing()
    registry, stamp = ModelRegistry(state), Stamp("run", datetime(2026, 3, 1, tzinfo=UTC))
    row = {"name": "churn", "version": 1, "sha256": "abc", "size": 3, "seed": 7, "features": [], "metrics": {}}
    registry.register(row | {"source_versions": {}, "library_versions": {}, "params": {}}, b"", stamp)
    registry.decide("churn", 1, REFUSED, "its calibration error is 0.063", {}, stamp)

    with pytest.raises(TrainingError, match=r"models show 1 says why.* shoplake models promote 1 --force"):
        score_churn(None, registry)

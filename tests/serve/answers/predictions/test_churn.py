import pytest
from sample_churn_lake import SampleChurnLake, settings_file

from shoplake import Lake
from shoplake.serve.answers.predictions.churn import REASONS, CustomerChurnQuery, customer_churn
from shoplake.serve.answers.predictions.models import DRIFT, ModelQuery, ModelsQuery, model_calibration, models
from shoplake.serve.store.builder import build_store
from shoplake.serve.store.reader import StoreReader
from tests.serve.answers.small_models import AS_OF, BASE, scores


def test_reasons_of_the_last_score_add_up_to_it_with_the_base(generation, shop):
    [score] = [row for row in scores(shop) if (row["customer_id"], row["as_of_date"]) == ("C3", AS_OF[-1])]

    rows = customer_churn(generation, CustomerChurnQuery("C3")).rows.to_pylist()

    assert {row["churn_probability"] for row in rows} == {score["churn_probability"]}
    assert BASE + sum(row["contribution"] for row in rows) == pytest.approx(score["churn_probability"], abs=1e-9)
    assert [(row["rank"], row["reason"], row["model_version"]) for row in rows] == [
        (1, "days_since_last_order is 3", 1),
        (2, "order_days is 3", 1),
    ]


def test_an_earlier_day_can_be_named(generation):
    rows = customer_churn(generation, CustomerChurnQuery("C3", AS_OF[0])).rows.to_pylist()

    assert {row["as_of_date"] for row in rows} == {AS_OF[0]}


def test_a_customer_without_a_score_has_no_reasons(generation):
    assert customer_churn(generation, CustomerChurnQuery("C999")).rows.num_rows == 0


@pytest.mark.slow
def test_a_training_and_a_scoring_are_answered_from_the_store(spark, tmp_path):
    SampleChurnLake(spark, tmp_path, customers=400)
    lake = Lake.open(settings_file(tmp_path))
    lake.train_churn(trees=6)
    lake.promote_churn(1, force=True)
    lake.score_churn()
    build_store(lake)
    reader = StoreReader(lake.settings.serve.store_folder(lake.settings.lake), lake.catalog.ordered)
    generation = reader.current(with_personal=True)

    [champion] = models(generation, ModelsQuery()).rows.to_pylist()
    [drift] = generation.query(DRIFT, ["shop"]).to_pylist()
    name = generation.query("SELECT min(customer_id) AS name FROM gold.churn_scores").to_pylist()[0]["name"]
    rows = generation.query(REASONS, ["shop", name, None, None]).to_pylist()

    assert champion["is_champion"] and 0.5 < champion["roc_auc"] < 1 and champion["rule_roc_auc"] is not None
    assert model_calibration(generation, ModelQuery()).rows.num_rows == 10
    assert drift["customers"] > 100 and 0 < drift["mean_probability"] < 1
    total = rows[0]["base_probability"] + sum(row["contribution"] for row in rows)
    assert total == pytest.approx(rows[0]["churn_probability"], abs=1e-9)

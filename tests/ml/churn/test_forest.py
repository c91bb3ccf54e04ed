import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.forest import ForestScorer, fit_forest


@pytest.fixture(scope="module")
def scorer():
    train = churn_rows().part("train")
    return ForestScorer(fit_forest(train.values, train.is_churned, seed=1, trees=12))


def test_base_and_contributions_add_up_to_the_score_of_every_row(scorer):
    values = churn_rows().part("test").values

    explained = scorer.base + scorer.contributions(values).sum(axis=1)

    assert np.abs(explained - scorer.scores(values)).max() < 1e-12


def test_a_row_in_several_blocks_has_the_same_contributions(scorer, monkeypatch):
    values = churn_rows().part("test").values
    whole = scorer.contributions(values)

    monkeypatch.setattr("shoplake.ml.churn.forest.BLOCK", 7)

    assert np.array_equal(scorer.contributions(values), whole)


def test_a_feature_without_meaning_contributes_less_than_recency(scorer):
    rows = churn_rows().part("test")

    size = dict(zip(rows.names, np.abs(scorer.contributions(rows.values)).mean(axis=0), strict=True))

    assert size["noise"] < 0.3 * size["days_since_last_order"]


def test_no_rows_have_no_contributions(scorer):
    assert scorer.contributions(np.zeros((0, 5))).shape == (0, 5)

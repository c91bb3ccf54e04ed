import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.calibration import Isotonic, Platt
from shoplake.ml.churn.forest import fit_forest
from shoplake.ml.churn.model import ChurnModel


@pytest.mark.parametrize("calibration", [Platt(1.4, 0.3), Isotonic((0.2, 0.5, 0.8), (0.1, 0.5, 0.9))])
def test_base_and_contributions_add_up_to_the_calibrated_probability(calibration):
    train, test = churn_rows().part("train"), churn_rows().part("test")
    model = ChurnModel(fit_forest(train.values, train.is_churned, seed=1, trees=8), calibration, train.names)

    probability, contributions = model.explain(test.values)

    assert np.abs(model.base + contributions.sum(axis=1) - probability).max() < 1e-9
    assert probability == pytest.approx(model.probabilities(test.values), abs=1e-12)

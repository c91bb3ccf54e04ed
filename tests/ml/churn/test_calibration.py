import numpy as np
import pytest

from shoplake.ml.churn.calibration import (
    Isotonic,
    Platt,
    fit_calibration,
    fit_isotonic,
    fit_platt,
    load_calibration,
)
from shoplake.ml.churn.evaluation.metrics import calibration_line

RNG = np.random.default_rng(2)
PROBABILITY = RNG.uniform(0.02, 0.98, 3_000)
TRUTH = (RNG.random(3_000) < PROBABILITY).astype(float)
ODDS = (PROBABILITY / (1 - PROBABILITY)) ** 2
EXAGGERATED = ODDS / (1 + ODDS)


def test_platts_curve_undoes_an_exaggeration():
    calibrated = fit_platt(EXAGGERATED, TRUTH)(EXAGGERATED)

    assert calibration_line(calibrated, TRUTH) == pytest.approx((1, 0), abs=1e-6)


def test_the_isotonic_curve_is_that_of_scikit_learn():
    from sklearn.isotonic import IsotonicRegression  # slow to import

    scores = EXAGGERATED.round(2)

    ours = fit_isotonic(scores, TRUTH)

    theirs = IsotonicRegression().fit(scores, TRUTH)
    assert ours(np.array(ours.scores)) == pytest.approx(theirs.predict(np.array(ours.scores)), abs=0.02)
    assert (np.diff(ours(np.linspace(0, 1, 50))) >= 0).all()


def test_scores_of_exactly_0_and_1_stay_finite():
    score = np.array([0.0, 1.0] * 50)

    assert np.isfinite(fit_platt(score, np.array([0.0, 1, 0, 1, 1] * 20))(score)).all()


def test_a_smooth_error_is_mended_by_platt_and_a_step_by_the_isotonic_curve():
    steps = np.where(EXAGGERATED > 0.5, 0.9, 0.1)
    truth = (RNG.random(3_000) < steps).astype(float)

    assert isinstance(fit_calibration(EXAGGERATED[:300], TRUTH[:300]), Platt)
    assert isinstance(fit_calibration(EXAGGERATED, truth), Isotonic)


@pytest.mark.parametrize("calibration", [Platt(1.5, -0.2), Isotonic((0.1, 0.9), (0.2, 0.7))])
def test_a_calibration_is_stored_as_plain_values(calibration):
    assert load_calibration(calibration.to_dict()) == calibration


def test_what_is_no_calibration_is_refused():
    with pytest.raises(ValueError, match="'pickle' is no calibration"):
        load_calibration({"kind": "pickle"})

import numpy as np
import pytest

from shoplake.simulate.realistic.customers.rates import COVARIATES, DELTA, GAMMA, R, draw_covariates, draw_occasions

BUYERS, PERIOD = 20_000, 400.0


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(5)
    return draw_occasions(rng, draw_covariates(rng, rng.random(BUYERS) < 0.5), 100_000, PERIOD)


def test_about_as_many_orders_as_wanted_are_drawn(drawn):
    assert len(drawn[1].at) == pytest.approx(100_000, rel=0.001)
    assert len(np.unique(drawn[1].buyer)) == BUYERS


def test_repeat_orders_are_as_many_as_the_model_expects(drawn):
    """Given rate and drop-out p, the expected number of repeat orders in t is (1 - p) / p · (1 - exp(-rate·p·t))."""
    rates, occasions = drawn
    left = PERIOD - occasions.at[occasions.ordinal == 0]
    expected = (1 - rates.drop_out) / rates.drop_out * (1 - np.exp(-rates.rate * rates.drop_out * left))

    repeats = np.bincount(occasions.buyer, minlength=BUYERS) - 1
    assert repeats.sum() == pytest.approx(expected.sum(), rel=0.02)
    for frequent in (rates.rate > np.median(rates.rate), rates.drop_out < 0.1):
        assert repeats[frequent].sum() == pytest.approx(expected[frequent].sum(), rel=0.03)


def test_a_customer_may_leave_after_the_first_order(drawn):
    rates, occasions = drawn
    first = occasions.leaves[occasions.ordinal == 0]

    assert first.mean() == pytest.approx(rates.drop_out.mean(), abs=0.01)
    assert first.mean() > 0.15


def test_nobody_orders_after_leaving(drawn):
    occasions = drawn[1]
    followed = np.flatnonzero(occasions.buyer[1:] == occasions.buyer[:-1])

    assert not occasions.leaves[followed].any()
    assert (np.diff(occasions.at)[followed] >= 0).all()


@pytest.mark.parametrize("name", COVARIATES)
def test_covariates_multiply_the_rate_and_hasten_the_drop_out(drawn, name):
    rates, number = drawn[0], COVARIATES.index(name)
    has, rest = rates.covariates[:, number], np.delete(rates.covariates, number, axis=1)
    alike = ~rest.any(axis=1)

    ratio = rates.rate[has & alike].mean() / rates.rate[~has & alike].mean()
    assert ratio == pytest.approx(np.exp(GAMMA[number]), rel=0.08)
    assert rates.drop_out[has].mean() > rates.drop_out[~has].mean()
    assert DELTA[number] > 0


def test_rates_are_gamma_distributed(drawn):
    plain = drawn[0].rate[~drawn[0].covariates.any(axis=1)] * drawn[0].alpha

    assert (plain.mean(), plain.var()) == pytest.approx((R, R), rel=0.1)

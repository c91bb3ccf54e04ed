from math import lgamma, log

import numpy as np
import pytest
from sample_cdnow import summary

from shoplake.ml.monetary_value import MonetaryValue, fit_monetary_value


@pytest.fixture(scope="module")
def cdnow():
    """The customers with repeat orders and their mean value."""
    return summary()[summary().x > 0]


@pytest.fixture(scope="module")
def fitted(cdnow):
    return fit_monetary_value(cdnow.x.to_numpy(), cdnow.zbar.to_numpy())


def test_gamma_gamma_has_the_published_parameters_on_cdnow(fitted, cdnow):
    assert len(cdnow) == 946
    assert (fitted.p, fitted.q) == pytest.approx((6.25, 3.74), abs=0.005)
    assert fitted.v == pytest.approx(15.44, abs=0.01)


def test_gamma_gamma_expects_the_published_values_of_the_first_customers(fitted):
    published = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    first = summary().head(10)

    assert fitted.expected_value(first.x, first.zbar) == pytest.approx(published, abs=0.02)


def test_a_customer_without_orders_is_worth_the_mean_and_one_with_many_their_own():
    model = MonetaryValue(6.25, 3.74, 15.44)

    assert model.expected_value(0, 0) == pytest.approx(6.25 * 15.44 / 2.74)
    assert model.expected_value(10_000, 80) == pytest.approx(80, rel=1e-3)


def test_a_model_without_a_mean_expects_nothing():
    assert np.isnan(MonetaryValue(1, 0.5, 10).expected_value(0, 0))


def log_likelihood(model, customers):
    """Equation 1a of Fader and Hardie (2013), customer by customer."""
    p, q, v = model.p, model.q, model.v
    return sum(
        lgamma(p * n + q) - lgamma(p * n) - lgamma(q) + q * log(v)
        + (p * n - 1) * log(mean) + p * n * log(n) - (p * n + q) * log(v + n * mean)
        for n, mean in customers
    )  # fmt: skip


def test_a_fit_is_as_likely_as_customers_of_one_kind():
    customers = [(7, 23.28), (5, 35.68), (2, 65.51), (1, 40.45), (5, 36.07), (4, 33.81), (9, 39.46), (1, 159.72)]
    customers += [(4, 34.17), (1, 83.08)]
    of_one_kind = MonetaryValue(1.6037, 1e6, 1e6 * 24.991)

    fitted = fit_monetary_value(*(np.array(each) for each in zip(*customers, strict=True)))

    assert log_likelihood(fitted, customers) >= log_likelihood(of_one_kind, customers) - 1e-3


def test_a_fit_does_not_depend_on_the_unit_of_money(cdnow, fitted):
    pence = fit_monetary_value(cdnow.x.to_numpy(), cdnow.zbar.to_numpy() * 100)

    assert (pence.p, pence.q, pence.v / 100) == pytest.approx((fitted.p, fitted.q, fitted.v), rel=1e-3)

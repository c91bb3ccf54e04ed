from math import gamma

import numpy as np
import pytest
from sample_cdnow import summary

from shoplake.ml.order_counts import History, OrderCounts, fit_order_counts

WEEKS = (0.1429, 1, 3, 31.8571, 32, 78)


@pytest.fixture(scope="module")
def cdnow():
    rows = summary()
    return History(rows.x.to_numpy(), rows.t_x.to_numpy(), rows["T"].to_numpy(), np.ones(len(rows)))


@pytest.fixture(scope="module")
def bg_nbd(cdnow):
    return fit_order_counts(cdnow, can_leave_after_first=False)


@pytest.fixture(scope="module")
def mbg_nbd(cdnow):
    return fit_order_counts(cdnow)


def test_bg_nbd_has_the_published_parameters_on_cdnow(bg_nbd, cdnow):
    assert (bg_nbd.r, bg_nbd.alpha, bg_nbd.a, bg_nbd.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=0.002)
    assert bg_nbd.log_likelihood(cdnow) == pytest.approx(-9582.43, abs=0.01)


def test_mbg_nbd_has_the_published_parameters_on_cdnow(mbg_nbd, cdnow):
    assert (mbg_nbd.r, mbg_nbd.alpha, mbg_nbd.a, mbg_nbd.b) == pytest.approx((0.525, 6.183, 0.891, 1.614), abs=0.002)
    assert mbg_nbd.log_likelihood(cdnow) == pytest.approx(-9582.13, abs=0.01)


ALIKE = [(7, 84, 115), (8, 48, 109), (7, 76, 105), (6, 68, 116), (8, 118, 147), (5, 35, 108), (4, 24, 100)]
ALIKE += [(14, 117, 118), (5, 85, 114), (13, 87, 118), (6, 74, 106), (7, 58, 115), (6, 36, 116), (6, 85, 116)]
ALIKE += [(8, 35, 116), (12, 119, 142), (8, 67, 146), (9, 111, 139), (8, 64, 110), (7, 84, 116), (8, 84, 112)]
ALIKE += [(7, 116, 117), (3, 115, 115), (8, 84, 114), (9, 54, 114), (10, 91, 115), (6, 92, 115)]
"""Repeat orders, days to the last order and days observed, of customers who order nearly alike."""


@pytest.mark.parametrize("copies", [1, 100])
def test_no_other_start_finds_a_likelier_model_of_customers_who_order_alike(copies):
    shifted = [(x, last + copy / 1e4, observed + copy / 1e4) for x, last, observed in ALIKE for copy in range(copies)]
    rows = np.array(shifted, float)
    history = History(*rows.T, np.full(len(rows), 1 / copies))

    model = fit_order_counts(history)

    # By scipy's L-BFGS-B from three starts and Nelder-Mead from eight; from (1, 1, 1, 1) alone it is -751.84.
    assert model.log_likelihood(history) == pytest.approx(-751.304, abs=0.05)


def test_bg_nbd_expects_the_published_orders_of_a_new_customer(bg_nbd):
    published = (0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576)

    assert [bg_nbd.expected_of_new(weeks) for weeks in WEEKS] == pytest.approx(published, abs=0.002)


def test_bg_nbd_expects_the_published_orders_of_a_known_customer(bg_nbd):
    assert bg_nbd.expected_orders(2, 30.43, 38.86, 39) == pytest.approx(1.226, abs=0.002)


def integrate(model, history, weeks):
    """The expected orders of each customer by quadrature over the drop-out probability p, without a series.

    Given p, a customer who is active at T and orders at the rate l has (1 - exp(-l p t)) / p orders in t on average;
    the mean of exp(-l p t) over l, gamma distributed with r + x and alpha + T, is ((alpha + T) / (alpha + T + p t)) to
    the power of r + x. The substitution p = u ** k takes the pole at 0 away.
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    u, k = (nodes + 1) / 2, 2 / model.a
    p, step = u**k, weights / 2 * k * u ** (k - 1)
    free = int(model.can_leave_after_first)
    sums = []
    for x, last, observed in zip(*history[:3], strict=True):
        b, until = model.b + x + free, model.alpha + observed
        density = p ** (model.a - 1) * (1 - p) ** (b - 1) * gamma(model.a + b) / gamma(model.a) / gamma(b)
        orders = np.sum(step * density * (1 - (until / (until + p * weeks)) ** (model.r + x)) / p)
        left = model.a / (b - 1) * (until / (model.alpha + last)) ** (model.r + x) if x or free else 0
        sums.append(orders / (1 + left))
    return sum(sums)


@pytest.mark.parametrize(("fitted", "orders"), [("bg_nbd", 1_653.4), ("mbg_nbd", 1_576.7)])
def test_the_orders_of_the_next_39_weeks_are_those_of_an_integral(cdnow, fitted, orders, request):
    model = request.getfixturevalue(fitted)

    expected = model.expected_orders(*cdnow[:3], 39).sum()

    assert expected == pytest.approx(orders, abs=0.1)
    assert expected == pytest.approx(integrate(model, cdnow, 39), rel=1e-8)


def test_wrong_answer_10_one_time_buyers_are_a_hundred_per_cent_active(bg_nbd, mbg_nbd):
    silent = [bg_nbd.p_active(0, 0, weeks) for weeks in (1, 38)]
    soon, late = (float(mbg_nbd.p_active(0, 0, weeks)) for weeks in (1, 38))

    assert silent == [1, 1]
    assert 0.9 > soon > late + 0.1


@pytest.fixture(scope="module")
def simulated():
    """A hundred thousand customers of a known model, observed for 200 days: their orders until then and in 90 more."""
    rng, count = np.random.default_rng(5), 100_000
    truth = OrderCounts(1.5, 40.0, 1.2, 3.0)
    rates, leaves = rng.gamma(truth.r, 1 / truth.alpha, count), rng.beta(truth.a, truth.b, count)
    now, repeats, last, later = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    active = rng.random(count) >= leaves
    while active.any():
        now = now + rng.exponential(1 / rates)
        is_early, is_late = active & (now <= 200), active & (now > 200) & (now <= 290)
        repeats, last, later = repeats + is_early, np.where(is_early, now, last), later + is_late
        active = active & (now <= 290) & (rng.random(count) >= leaves)
    return truth, History(repeats, last, np.full(count, 200.0), np.ones(count)), later


def test_the_expected_orders_are_those_that_simulated_customers_place(simulated):
    truth, history, later = simulated
    expected = truth.expected_orders(history.repeats, history.last, history.observed, 90)

    for chosen in (history.repeats == 0, history.repeats == 2, history.repeats > 5):
        assert expected[chosen].mean() == pytest.approx(later[chosen].mean(), rel=0.05)


def test_the_probability_of_an_order_is_the_share_that_orders(simulated):
    truth, history, later = simulated
    expected = truth.p_order(history.repeats, history.last, history.observed, 90)

    for chosen in (expected < 0.2, (expected > 0.4) & (expected < 0.6), expected > 0.7):
        assert expected[chosen].mean() == pytest.approx((later[chosen] > 0).mean(), abs=0.01)


def test_a_fit_finds_the_model_of_simulated_customers_and_predicts_their_orders(simulated):
    _, history, later = simulated

    fitted = fit_order_counts(History(*[each[:20_000] for each in history]))

    predicted = fitted.expected_orders(history.repeats, history.last, history.observed, 90)
    assert predicted.sum() == pytest.approx(later.sum(), rel=0.03)


def test_grouped_histories_count_as_often_as_they_have_customers(mbg_nbd):
    once = History(np.array([2, 2, 0]), np.array([3.0, 3.0, 0]), np.array([9.0, 9.0, 5.0]), np.ones(3))
    grouped = History(np.array([2, 0]), np.array([3.0, 0]), np.array([9.0, 5.0]), np.array([2, 1]))

    assert mbg_nbd.log_likelihood(grouped) == pytest.approx(mbg_nbd.log_likelihood(once))


def test_expected_orders_go_on_without_a_jump_where_the_drop_out_shape_is_one():
    below, at, above = (OrderCounts(1, 40, a, 3).expected_orders(2, 30, 60, 365) for a in (0.999, 1, 1.001))

    assert below > at > above
    assert at == pytest.approx((below + above) / 2, rel=1e-4)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "days", "exact"),
    [
        (1_199_021, 4_635_014, 7.417, 6.338, 365, 1.98768860143),
        (1_199_021, 4_635_014, 7.417, 6.338, 90, 1.98679595651),
        (250_000, 50_000, 3, 40, 365, 20.9900879912),
        (5_000, 200, 2.5, 9, 90, 6.9981656227),
        (0.0105, 5.78, 166, 85.9, 365, 0.0586977983976),
        (0.5, 30, 1.5, 4, 365, 2.308928799),
    ],
)
def test_customers_who_order_alike_have_expected_orders_too(r, alpha, a, b, days, exact):
    """The exact values are those of mpmath with 30 digits, from the integral over the drop-out probability."""
    model = OrderCounts(r, alpha, a, b - 1)
    stays = (b - 1) / (a + b - 1)

    assert model.expected_of_new(days) / stays == pytest.approx(exact, rel=1e-9)


def test_a_shop_with_one_order_years_ahead_expects_no_orders_of_the_others():
    days = np.array([0, 0, 13, 7, 0, 0, 9, 17, 3, 5, 8, 2.0])
    history = History((days > 0).astype(float), days, np.full(12, 4_330.0), np.ones(12))

    model = fit_order_counts(history)
    expected = model.expected_orders(history.repeats, history.last, history.observed, 365)

    assert ((expected >= 0) & (expected < 1)).all()

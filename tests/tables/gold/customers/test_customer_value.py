from datetime import date, timedelta
from decimal import Decimal

import pytest

from shoplake.ml.monetary_value import MonetaryValue
from shoplake.ml.order_counts import OrderCounts
from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.gold.customers.customer_value import customer_value
from shoplake.tables.gold.customers.customer_value_models import customer_value_models

END = date(1997, 9, 30)
MONTH = {"feed": "shop", "last_order_date": END}
MODEL = {"feed": "shop", "r": 0.525, "alpha": 6.183 * 7, "a": 0.891, "b": 1.614, "p": 6.25, "q": 3.74, "v": 15.44}


def customer(name, repeats, last, observed, net="100.0000"):
    first = END - timedelta(days=observed)
    days = {"first_order_date": first, "last_order_date": first + timedelta(days=last), "order_days": repeats + 1}
    return {"feed": "shop", "customer_id": name, "net": net} | days


@pytest.fixture
def score(some):
    """The scores, by customer."""

    def score(*customers, model=MODEL):
        inputs = some(customer_facts, *customers), some(customer_months, MONTH), some(customer_value_models, model)
        return {row.customer_id: row for row in customer_value(*inputs).collect()}

    return score


def test_scores_are_those_of_the_models_on_whole_days(score):
    ann = score(customer("ann", 2, 213, 272, net="60.0000"))["ann"]

    counts, worth = OrderCounts(0.525, 6.183 * 7, 0.891, 1.614), MonetaryValue(6.25, 3.74, 15.44)
    assert (ann.repeats, ann.last, ann.observed, ann.as_of_date) == (2, 213, 272, END + timedelta(days=1))
    assert ann.p_alive == pytest.approx(counts.p_active(2, 213, 272), abs=1e-6)
    assert ann.p_order_90d == pytest.approx(counts.p_order(2, 213, 272, 90), abs=1e-6)
    assert ann.expected_orders_90d == pytest.approx(counts.expected_orders(2, 213, 272, 90), abs=1e-6)
    assert (ann.mean_value, ann.is_repeat) == (20, True)
    expected = float(worth.expected_value(3, 20))
    assert float(ann.expected_value) == pytest.approx(expected, abs=0.006)
    assert float(ann.value_365d) == pytest.approx(expected * counts.expected_orders(2, 213, 272, 365), abs=0.01)


def test_wrong_answer_10_one_time_buyers_are_not_a_hundred_per_cent_alive(score):
    rows = score(customer("new", 0, 0, 3), customer("old", 0, 0, 300))

    assert 0.7 > rows["new"].p_alive > rows["old"].p_alive > 0
    assert not rows["new"].is_repeat


def test_wrong_answer_10_refunds_leave_the_counts_and_take_the_value(score):
    ann = score(customer("ann", 3, 90, 100, net="-5.0000"))["ann"]

    assert ann.p_alive > 0.5
    assert (ann.mean_value, ann.expected_value, ann.value_365d) == (Decimal("-1.25"), None, None)


def test_wrong_answer_10_the_first_order_is_part_of_the_mean(score):
    ann = score(customer("ann", 1, 50, 100, net="30.0000"))["ann"]

    assert ann.mean_value == 15


def test_a_customer_with_lines_without_a_rate_has_no_value_and_keeps_the_counts(score):
    ann = score(customer("ann", 3, 90, 100, net="30.0000") | {"lines_without_rate": 1})["ann"]

    assert ann.p_alive > 0.5
    assert (ann.mean_value, ann.expected_value, ann.value_365d) == (None, None, None)


def test_visitors_without_an_order_have_no_row(score):
    visitor = {"feed": "shop", "customer_id": "eve", "order_days": 0}

    assert set(score(customer("ann", 1, 50, 100), visitor)) == {"ann"}


def test_without_a_model_the_scores_are_null(score):
    nothing = {name: None for name in MODEL if name != "feed"}

    ann = score(customer("ann", 1, 50, 100), model=MODEL | nothing)["ann"]

    assert (ann.p_alive, ann.expected_orders_365d, ann.expected_value) == (None, None, None)
    assert ann.repeats == 1

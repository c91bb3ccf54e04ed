from datetime import date, timedelta

import pytest
from sample_cdnow import summary

from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.gold.customers.customer_value_models import customer_value_models

END = date(1997, 9, 30)
MONTHS = [{"feed": "shop", "customer_id": None, "last_order_date": END}]


def facts(name, repeats, last, observed, net="100.0000", feed="shop"):
    first = END - timedelta(days=observed)
    days = {"first_order_date": first, "last_order_date": first + timedelta(days=last), "order_days": repeats + 1}
    return {"feed": feed, "customer_id": name, "net": net} | days


@pytest.fixture(scope="module")
def cdnow():
    """The customers of the 1/10 sample, with the mean value of their repeat orders on every day."""
    return [
        facts(str(row.ID), int(row.x), round(row.t_x * 7), round(row["T"] * 7), f"{row.zbar * (row.x + 1):.4f}")
        for row in (row for _, row in summary().iterrows())
    ]


def test_the_order_counts_of_cdnow_have_the_published_parameters(some, cdnow):
    [model] = customer_value_models(some(customer_facts, *cdnow), some(customer_months, *MONTHS)).collect()

    assert (model.customers, model.repeat_customers, model.as_of_date) == (2357, 946, date(1997, 10, 1))
    assert (model.r, model.alpha / 7, model.a, model.b) == pytest.approx((0.525, 6.183, 0.891, 1.614), abs=0.002)
    assert model.p > 0 and model.q > 1 and model.v > 0


def test_with_fewer_than_ten_repeat_customers_there_are_no_parameters(some):
    few = [facts(f"c{number}", number % 2, 9, 30) for number in range(18)]

    [model] = customer_value_models(some(customer_facts, *few), some(customer_months, *MONTHS)).collect()

    assert (model.customers, model.repeat_customers) == (18, 9)
    assert (model.r, model.p, model.log_likelihood) == (None, None, None)


def test_customers_without_a_positive_value_are_left_out_of_the_value_alone(some):
    rows = [facts(f"c{number}", number % 4, 9 * (number % 4), 60, f"{number}.0000") for number in range(40)]
    refunded = [row | {"customer_id": f"r{row['customer_id']}", "net": "-1.0000"} for row in rows]

    inputs = some(customer_facts, *rows, *refunded), some(customer_months, *MONTHS)
    [both] = customer_value_models(*inputs).collect()
    [alone] = customer_value_models(some(customer_facts, *rows), some(customer_months, *MONTHS)).collect()

    assert both.customers == 80
    assert (both.p, both.q, both.v) == (alone.p, alone.q, alone.v)


def test_each_feed_has_a_model_of_its_own(some, cdnow):
    other = [facts(f"c{number}", number % 3, 9 * (number % 3), 60, feed="other") for number in range(40)]
    months = [*MONTHS, {"feed": "other", "last_order_date": END}]

    models = customer_value_models(some(customer_facts, *cdnow[:200], *other), some(customer_months, *months))

    assert {row.feed: row.customers for row in models.collect()} == {"shop": 200, "other": 40}

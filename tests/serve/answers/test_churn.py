import pytest

from shoplake.serve.answers.churn import CustomerChurnQuery, customer_churn
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

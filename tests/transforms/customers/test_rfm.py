from math import ceil

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplake.transforms.customers.rfm import SEGMENTS, TIERS, name_segment, score_many, score_rfm, value_tier

SCHEMA = "feed string, customer_id string, recency_days int, frequency bigint, monetary int"


@pytest.fixture(params=[score_rfm, score_many])
def scored(request, spark):
    """The scores of (feed, customer, recency, frequency, monetary), by feed and customer, of both functions."""

    def scored(*rows):
        result = request.param(spark.createDataFrame(rows, SCHEMA), "feed").collect()
        return {
            row.feed + row.customer_id: (row.recency_score, row.frequency_score, row.monetary_score) for row in result
        }

    return scored


def test_the_best_have_five_and_the_worst_their_share(scored):
    rows = scored(("a", "1", 1, 9, 90), ("a", "2", 5, 5, 50), ("a", "3", 9, 1, 10))

    assert rows == {"a1": (5, 5, 5), "a2": (4, 4, 4), "a3": (2, 2, 2)}


def test_equal_values_share_a_score_and_groups_are_scored_on_their_own(scored):
    rows = scored(("a", "1", 1, 1, 1), ("a", "2", 1, 1, 1), ("b", "1", 9, 1, 1))

    assert set(rows.values()) == {(5, 5, 5)}


def test_an_unknown_value_has_no_score_and_changes_no_other(scored):
    rows = scored(("a", "1", 1, 1, None), ("a", "2", 2, 1, 10), ("a", "3", 3, 1, 20))

    assert {key: scores[2] for key, scores in rows.items()} == {"a1": None, "a2": 3, "a3": 5}


def share_up_to(value, values):
    known = [each for each in values if each is not None]
    return None if value is None else ceil(5 * (sum(each <= value for each in known) / len(known)))


FEW = st.one_of(st.none(), st.integers(-2, 9))


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), FEW, FEW, FEW), min_size=1, max_size=40))
def test_a_score_is_five_times_the_share_that_is_not_better_rounded_up(scored, values):
    rows = [(feed, str(n), *of) for n, (feed, *of) in enumerate(values)]

    expected = {
        feed + n: tuple(
            share_up_to(sign * value if value is not None else None, [sign * v for v in others if v is not None])
            for value, sign, others in zip(
                own, (-1, 1, 1), zip(*[row[2:] for row in rows if row[0] == feed], strict=True), strict=True
            )
        )
        for feed, n, *own in rows
    }
    assert scored(*rows) == expected


def test_the_first_segment_whose_condition_is_true_counts(spark):
    columns = "recency_score int, monetary_score int, frequency bigint, lifetime_orders bigint"
    rows = spark.createDataFrame([(5, 5, 2, 2), (5, 5, 1, 1), (1, 1, 1, 1)], columns)

    assert [row[0] for row in rows.select(name_segment()).collect()] == ["champions", "new", "lost"]
    assert SEGMENTS[-1] == ("lost", "true")


def test_tiers_are_shares_of_the_customers_with_a_known_value(spark):
    rows = spark.createDataFrame([("a", number or None) for number in range(21)], "feed string, net int")

    tiers = {row.net: row.tier for row in rows.select("net", value_tier("net", "feed").alias("tier")).collect()}

    assert (tiers[None], tiers[20], tiers[17], tiers[11], tiers[10]) == (None, "platinum", "gold", "silver", "bronze")
    assert [share for _, share in TIERS] == sorted(share for _, share in TIERS)

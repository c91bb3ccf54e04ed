from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.customers.customer_360 import customer_360
from shoplake.tables.gold.customers.customer_days import customer_days
from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_favourites import customer_favourites
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.gold.customers.customer_segments import customer_segments
from shoplake.tables.gold.customers.customer_value import customer_value
from shoplake.tables.gold.predictions.churn_scores import churn_scores
from shoplake.tables.silver.customers import customers

ANN = {"feed": "shop", "customer_id": "ann"}
FACTS = ANN | {"orders": 3, "order_days": 2, "cancelled_orders": 1, "units": 4, "gross": "40.0000", "net": "30.3333"}
FACTS |= {"discounts": "4.0000", "returns": "5.6667", "margin": "12.0000", "devices": 2, "sessions": 7}
FACTS |= {"first_order_date": date(2026, 1, 1), "last_order_date": date(2026, 3, 1), "acquisition_channel": "email"}
FACTS |= {"first_session_at": "2026-01-01 09:00", "last_session_at": "2026-03-02 10:00", "lines_without_rate": 0}
RECORD = ANN | {"signup_date": date(2025, 12, 1), "location": "Leeds", "is_current": True}
MONTHS = [{"feed": "shop", "last_order_date": date(2026, 3, 9)}]


@pytest.fixture
def build(some, zenith):
    """The rows of a feed in GBP, by customer."""

    def build(*facts, records=(), favourites=(), segments=(), values=(), months=MONTHS, days=(), scores=()):
        inputs = some(customers, *records), some(customer_facts, *facts), some(customer_favourites, *favourites)
        more = some(customer_segments, *segments), some(customer_value, *values), some(customer_months, *months)
        last = some(customer_days, *days), some(churn_scores, *scores)
        rows = customer_360(*inputs, *more, *last, feeds=(zenith,)).collect()
        assert len({row.customer_id for row in rows}) == len(rows)
        return {row.customer_id: row for row in rows}

    return build


def test_a_customer_has_the_facts_rounded_to_the_cent(build):
    ann = build(FACTS)["ann"]

    assert [str(each) for each in (ann.gross, ann.discounts, ann.returns, ann.net)] == [
        "40.00",
        "4.00",
        "5.67",
        "30.33",
    ]
    assert (ann.orders, ann.cancelled_orders, ann.devices, ann.sessions, ann.lines_without_rate) == (3, 1, 2, 7, 0)
    assert (ann.average_order_value, ann.margin, ann.currency) == (12, 12, "GBP")
    assert (ann.discount_rate, ann.acquisition_channel) == (0.1, "email")


def test_an_average_of_orders_of_which_some_are_without_a_rate_is_unknown(build):
    ann = build(FACTS | {"lines_without_rate": 1})["ann"]

    assert (str(ann.gross), ann.average_order_value, ann.lines_without_rate) == ("40.00", None, 1)


def test_the_days_since_the_last_order_end_on_the_feeds_as_of_day(build):
    ann = build(FACTS)["ann"]

    assert (ann.as_of_date, ann.days_since_last_order) == (date(2026, 3, 10), 9)


def test_a_customer_on_record_without_activity_has_zeros_and_no_segment(build):
    rows = build(FACTS, records=[RECORD, RECORD | {"customer_id": "bob"}])

    assert (rows["ann"].signup_date, rows["ann"].location) == (date(2025, 12, 1), "Leeds")
    bob = rows["bob"]
    assert (bob.orders, bob.net, bob.sessions, bob.segment, bob.p_alive) == (0, 0, 0, None, None)
    assert (bob.average_order_value, bob.acquisition_channel, bob.days_since_last_order) == (None, "(none)", None)


def test_only_the_current_version_of_a_record_counts(build):
    former = RECORD | {"location": "York", "is_current": False}

    assert build(FACTS, records=[former, RECORD])["ann"].location == "Leeds"


def test_segments_values_and_favourites_stand_beside_the_facts(build):
    segment = ANN | {"segment": "loyal", "rfm": "545", "recency_score": 5, "value_tier": "gold"}
    value = ANN | {"p_alive": 0.8, "p_order_90d": 0.25, "expected_orders_90d": 0.3, "value_365d": "12.34"}
    favourite = ANN | {"favourite_category": "rugs", "favourite_channel": "direct"}

    ann = build(FACTS, segments=[segment], values=[value], favourites=[favourite])["ann"]

    assert (ann.segment, ann.rfm, ann.recency_score, ann.value_tier) == ("loyal", "545", 5, "gold")
    assert (ann.p_alive, ann.churn_probability, ann.value_365d) == (0.8, 0.75, Decimal("12.34"))
    assert (ann.favourite_category, ann.favourite_channel) == ("rugs", "direct")


def test_the_gaps_between_the_orders_of_a_customer_stand_beside_the_facts(build):
    days = [ANN | {"orders": 1, "activity_date": f"2026-01-{day:02}"} for day in (1, 11, 31)]

    ann = build(FACTS, days=days)["ann"]

    assert (ann.second_order_date, ann.days_to_second_order) == (date(2026, 1, 11), 10)
    assert (ann.median_days_between_orders, round(ann.cv_days_between_orders, 4)) == (15, 0.4714)


def test_wrong_answer_9_guests_with_the_e_mail_of_a_customer_are_not_merged(build):
    twins = [RECORD | {"customer_id": name, "email": "ann@example.com"} for name in ("ann", "ann at checkout")]

    rows = build(FACTS, FACTS | {"customer_id": "ann at checkout", "orders": 1}, records=twins)

    assert {name: row.orders for name, row in rows.items()} == {"ann": 3, "ann at checkout": 1}


def test_churn_is_the_last_score_of_the_model_with_its_reasons(build):
    score = ANN | {"model_version": 3, "churn_reasons": [("days", 9.0, 0.1, "9 days")]}
    days = [score | {"as_of_date": f"2026-03-{day:02}", "churn_probability": day / 100} for day in (8, 10)]
    value = ANN | {"p_order_90d": 0.25}

    rows = build(FACTS, FACTS | {"customer_id": "bob"}, values=[value, value | {"customer_id": "bob"}], scores=days)

    ann, bob = rows["ann"], rows["bob"]
    assert (ann.churn_probability, ann.churn_reasons[0].text, ann.churn_model_version) == (0.1, "9 days", 3)
    assert (bob.churn_probability, bob.churn_reasons, bob.churn_model_version) == (0.75, None, None)


def test_a_score_of_a_day_after_the_end_of_the_data_is_not_taken(build):
    days = [ANN | {"as_of_date": day, "churn_probability": p} for day, p in (("2026-03-10", 0.1), ("2026-12-01", 0.9))]

    assert build(FACTS, scores=days)["ann"].churn_probability == 0.1
    assert build(FACTS, scores=days[1:], values=[ANN | {"p_order_90d": 0.25}])["ann"].churn_probability == 0.75


def test_wrong_answer_6_a_customer_with_a_return_and_no_sale_is_here_below_zero(build):
    nothing = {"orders": 0, "gross": "0", "discounts": "0", "net": "-5.6667", "last_order_date": None}

    ann = build(FACTS | nothing)["ann"]

    assert (ann.net, ann.orders, ann.average_order_value) == (Decimal("-5.67"), 0, None)


def test_a_feed_without_orders_has_customers_and_no_as_of_day(build):
    ann = build(records=[RECORD], months=[])["ann"]

    assert (ann.as_of_date, ann.orders) == (None, 0)

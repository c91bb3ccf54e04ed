from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pyspark.sql import functions as F

from shoplake.declare import Feed, feature
from shoplake.feeds import ZENITH
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.features.point_in_time import FeatureError, Knowledge, compute_features

DAY, LATER = date(2026, 3, 30), date(2026, 4, 29)
"""Clocks go forward in London on 29 March 2026: the as-of day begins at 23:00 UTC."""
FEEDS = (Feed("shop", ZENITH, "landing", "Europe/London", "GBP"),)
LINES = {"feed": "shop", "customer_id": "ann", "ingested_at": "2026-03-01 00:00", "quantity": 1}


def count_feature(name, window, at="ordered_at"):
    @feature(name, "bigint", window, "silver.order_lines", at, 0, "Pieces", "pieces")
    def pieces(values):
        return F.sum(values("quantity"))

    return pieces


EVER, WEEK = count_feature("ever", None), count_feature("week", 7)


@pytest.fixture
def compute(some):
    def rows(*lines, features=(EVER, WEEK), as_of=(DAY,), entities=None, feeds=FEEDS, **knowledge):
        source = some(order_lines, *[LINES | line for line in lines])
        shifted = source.withColumn("early_at", F.col("ordered_at") - F.expr("INTERVAL 1 SECOND"))
        found = compute_features(
            features, {"silver.order_lines": shifted}, entities, as_of, feeds, Knowledge(**knowledge)
        )
        return {(row.customer_id, row.as_of_date): tuple(row)[3:] for row in found.collect()}

    return rows


def test_a_row_counts_up_to_the_last_second_before_local_midnight(compute):
    found = compute(
        {"ordered_at": "2026-03-29 22:59:59"},
        {"ordered_at": "2026-03-29 23:00:00", "quantity": 10},
    )

    assert found == {("ann", DAY): (1, 1)}


def test_a_window_begins_with_the_first_second_of_its_first_local_day(compute):
    found = compute(
        {"ordered_at": "2026-03-22 23:59:59", "quantity": 100},  # still winter time: the 22nd
        {"ordered_at": "2026-03-23 00:00:00"},
    )

    assert found == {("ann", DAY): (101, 1)}


def test_later_rows_change_no_value_and_a_canary_of_one_second_is_found(compute):
    past = [{"ordered_at": f"2026-03-{day} 12:00"} for day in (10, 20, 28)]
    future = [{"ordered_at": "2026-03-29 23:00:00"}, {"ordered_at": "2027-01-01 00:00"}]
    canary = replace(count_feature("early", None), at="early_at")

    assert compute(*past) == compute(*past, *future)
    assert compute(*past, features=[canary]) != compute(*past, *future, features=[canary])


def test_a_late_record_counts_in_hindsight_and_on_later_days_only(compute):
    late = {"ordered_at": "2026-03-20 12:00", "ingested_at": "2026-04-02 08:00"}
    after = datetime(2026, 4, 2, 8, tzinfo=UTC)

    assert compute(late, as_of=[DAY, LATER]) == {("ann", LATER): (1, 0)}
    assert compute(late, known_at=after) == {("ann", DAY): (1, 0)}
    assert compute(late, known_at=datetime(2026, 4, 2, 7, 59, tzinfo=UTC)) == {}


def test_a_record_ingested_at_local_midnight_was_not_known_on_the_day(compute):
    known = {"ordered_at": "2026-03-20 12:00", "ingested_at": "2026-03-29 22:59:59"}
    unknown = known | {"ingested_at": "2026-03-29 23:00:00", "quantity": 10}

    assert compute(known, unknown) == {("ann", DAY): (1, 0)}


def test_the_history_that_a_lake_began_with_counts_as_known_when_it_happened(compute):
    loaded = {"ordered_at": "2026-03-28 12:00", "ingested_at": "2026-06-01 00:00"}
    later = {"ordered_at": "2026-03-28 13:00", "ingested_at": "2026-06-01 00:00:01", "quantity": 10}

    assert compute(loaded, later, backfilled_at={"shop": datetime(2026, 6, 1, tzinfo=UTC)}) == {("ann", DAY): (1, 1)}


def test_many_days_in_one_pass_are_those_of_one_day_each(compute):
    lines = [{"ordered_at": f"2026-{month:02}-{day} 10:00"} for month in (1, 3, 4) for day in (10, 25)]

    together = compute(*lines, as_of=[DAY, LATER], known_at=datetime(2027, 1, 1, tzinfo=UTC))

    alone = [compute(*lines, as_of=[day], known_at=datetime(2027, 1, 1, tzinfo=UTC)) for day in (DAY, LATER)]
    assert together == alone[0] | alone[1]
    assert together == {("ann", DAY): (4, 1), ("ann", LATER): (6, 1)}


def test_an_entity_without_rows_has_the_defaults_and_others_are_left_out(compute, spark):
    entities = spark.createDataFrame([("shop", "bob"), ("shop", "cat")], "feed string, customer_id string")
    preset = replace(EVER, default=-1)

    found = compute({"ordered_at": "2026-03-20", "customer_id": "cat"}, {"ordered_at": "2026-03-20"}, entities=entities)

    assert found == {("bob", DAY): (0, 0), ("cat", DAY): (1, 0)}
    assert compute({"ordered_at": "2026-03-20"}, features=[preset], entities=entities)["bob", DAY] == (-1,)


def test_guests_and_rows_that_the_condition_leaves_out_do_not_count(compute):
    sales = replace(EVER, where="kind = 'sale'")
    lines = [{"kind": "sale"}, {"kind": "return", "quantity": 10}, {"kind": "sale", "customer_id": None}]

    found = compute(*[line | {"ordered_at": "2026-03-20"} for line in lines], features=[sales])

    assert found == {("ann", DAY): (1,)}


def test_rows_of_a_day_are_reduced_to_their_greatest_or_their_sum(compute):
    def of_days(name, reduction, aggregate):
        return replace(count_feature(name, 7), aggregate=aggregate, per_day=reduction)

    features = [
        of_days("days", "max", lambda values: F.count(values("local_date"))),
        of_days("greatest", "max", lambda values: F.sum(values("quantity"))),
        of_days("total", "sum", lambda values: F.max(values("quantity"))),
    ]
    times = ("2026-03-28 08:00", "2026-03-28 09:00", "2026-03-27 09:00", "2026-03-01 09:00")

    lines = [{"ordered_at": at, "quantity": number} for number, at in enumerate(times, 2)]

    assert compute(*lines, features=features) == {("ann", DAY): (2, 7, 5)}


def test_a_time_of_knowledge_without_a_time_zone_is_refused():
    with pytest.raises(FeatureError, match=r"'2026-04-02T08:00:00' has no time zone. .* 2026-04-02T08:00:00\+00:00"):
        Knowledge(known_at=datetime(2026, 4, 2, 8))

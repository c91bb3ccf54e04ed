"""Point-in-time features, outcomes and scores are the same rows on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sample_churn_lake import LINES, order_rows

from shoplake.declare import Feed
from shoplake.engine.session import sail
from shoplake.feeds import ZENITH
from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.gold.predictions.churn_training_sets import churn_training_sets
from shoplake.tables.silver.events import events
from shoplake.transforms.features.point_in_time import Knowledge

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FEEDS = (Feed("shop", ZENITH, "landing", "Europe/London", "GBP"),)
DAYS = (date(2025, 10, 26), date(2026, 1, 1))
KNOWN = Knowledge(backfilled_at={"shop": datetime(2025, 6, 1, tzinfo=UTC)})


def training_set(session: SparkSession):
    cells = {"feed": "shop", "kind": "sale", "line_class": "goods", "quantity": 2, "product_id": "p", "status": "paid"}
    lines = [
        cells | {"customer_id": who, "ordered_at": at, "ingested_at": at + timedelta(days=number % 3)}
        for number, (who, at) in enumerate(order_rows(customers=40))
    ]
    schema, no_events = (", ".join(f"{each.name} {each.type}" for each in of.columns) for of in (LINES, events))
    names = [column.name for column in LINES.columns]
    orders = session.createDataFrame([tuple(line.get(name) for name in names) for line in lines], schema)
    rows = churn_features(orders, session.createDataFrame([], no_events), feeds=FEEDS, as_of=DAYS, knowledge=KNOWN)
    found = churn_training_sets(rows, orders, feeds=FEEDS, splits=dict(zip(DAYS, ("train", "test"), strict=True)))
    return {(row.customer_id, row.as_of_date): (row.split, row.is_churned, row.features) for row in found.collect()}


@pytest.mark.slow
def test_features_and_outcomes_are_the_same_on_both_engines(on_spark: SparkSession):
    one, other = training_set(sail.session()), training_set(on_spark)

    assert one.keys() == other.keys()
    assert len(one) > 30
    for key, (split, is_churned, features) in one.items():
        assert (split, is_churned) == other[key][:2]
        assert features == pytest.approx(other[key][2], abs=1e-9)

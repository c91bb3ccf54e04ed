import json
from datetime import date

from pyspark.sql import functions as F

from shoplake.declare import Feed, feature
from shoplake.feeds import ZENITH
from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines

FEEDS = (Feed("shop", ZENITH, "landing", "UTC", "GBP"),)
DAYS = (date(2026, 6, 1), date(2026, 7, 1))
SALE = {"feed": "shop", "kind": "sale", "line_class": "goods", "quantity": 2, "ingested_at": "2025-01-01"}


@feature("pieces", "bigint", None, "silver.order_lines", "ordered_at", 0, "Pieces", "pieces")
def pieces(values):
    """What a project might add."""
    return F.sum(values("quantity"))


def test_the_population_is_who_ordered_in_the_year_before_each_day(some):
    times = {"recent": "2026-05-31", "a year ago": "2025-06-01", "longer ago": "2025-05-31", "on the day": "2026-06-01"}
    lines = [SALE | {"customer_id": name, "ordered_at": at} for name, at in times.items()]

    rows = churn_features(some(order_lines, *lines), some(events), feeds=FEEDS, as_of=DAYS).collect()

    found = {day: {row.customer_id for row in rows if row.as_of_date == day} for day in DAYS}
    assert found == {DAYS[0]: {"recent", "a year ago"}, DAYS[1]: {"recent", "on the day"}}


def test_features_of_a_project_are_kept_by_name(some):
    line = SALE | {"customer_id": "ann", "ordered_at": "2026-05-31"}

    [row] = churn_features(some(order_lines, line), some(events), feeds=FEEDS, as_of=DAYS[:1], own=[pieces]).collect()

    assert json.loads(row.own_features) == {"pieces": 2.0}

from datetime import date

from shoplake.declare import Feed, feature
from shoplake.feeds import ZENITH
from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.gold.predictions.churn_training_sets import churn_training_sets
from shoplake.tables.silver.orders.order_lines import order_lines

FEEDS = (Feed("shop", ZENITH, "landing", "UTC", "GBP"),)


def pieces_of(name, default):
    declared = feature(name, "bigint", None, "silver.order_lines", "ordered_at", default, "Pieces", "pieces")
    return declared(lambda values: None)


pieces = pieces_of("pieces", 0)
SPLITS = {date(2026, 1, 1): "train", date(2026, 6, 1): "test"}


def test_rows_of_days_in_a_split_have_their_features_in_order_and_the_outcome(some):
    row = {"feed": "shop", "customer_id": "ann", "own_features": '{"pieces": 2.5}', "days_since_last_order": 3}
    days = ("2026-01-01", "2026-02-01", "2026-06-01")
    sale = {"feed": "shop", "customer_id": "ann", "kind": "sale", "line_class": "goods", "ordered_at": "2026-06-02"}

    rows = churn_training_sets(
        some(churn_features, *[row | {"as_of_date": day} for day in days]),
        some(order_lines, sale),
        feeds=FEEDS,
        splits=SPLITS,
        own=[pieces, pieces_of("younger", 9)],
        model_version=4,
    ).collect()

    found = {(each.as_of_date, each.split, each.is_churned, each.model_version) for each in rows}
    assert found == {(date(2026, 1, 1), "train", True, 4), (date(2026, 6, 1), "test", False, 4)}
    assert {(each.features[0], *each.features[-2:]) for each in rows} == {(3.0, 2.5, 9.0)}

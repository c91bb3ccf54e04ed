from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from sample_churn_lake import LINES, SampleChurnLake, churn_features

from shoplake.declare import feature
from shoplake.engine import FILES
from shoplake.errors import DeclarationError

DAY = date(2025, 12, 1)
NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def lake(spark, tmp_path):
    sample = SampleChurnLake(spark, tmp_path, customers=3)
    sample.lake.prepare()
    return sample


def rows_of(lake):
    return sorted(tuple(row) for row in lake.engine.read(churn_features).collect())


def test_an_as_of_day_that_is_there_never_changes(lake):
    lake.lake.write_features([DAY])
    before, version = rows_of(lake), lake.engine.version(churn_features)
    lake.write_orders([("new", datetime(2025, 11, 3, 12, tzinfo=UTC))])

    lake.lake.write_features([DAY])

    assert rows_of(lake) == before
    assert lake.engine.version(churn_features) == version


def test_a_new_as_of_day_leaves_the_others_as_they_are(lake):
    lake.lake.write_features([DAY])
    before = rows_of(lake)
    lake.write_orders([("new", datetime(2025, 11, 3, 12, tzinfo=UTC))])

    lake.lake.write_features([DAY, DAY + timedelta(days=30)])

    after = rows_of(lake)
    assert [row for row in after if row[2] == DAY] == before
    assert ("new", DAY + timedelta(days=30)) in {row[1:3] for row in after}


def test_a_year_of_later_events_changes_no_value(lake):
    before = lake.lake.tables.features
    later = [("c0000", datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=day)) for day in range(0, 365, 30)]
    lake.lake.write_features([DAY])
    rows = rows_of(lake)
    lake.write_orders(later)

    lake.engine.location(before).overwrite(lake.engine.read(before).limit(0), ("as_of_date",))
    lake.lake.write_features([DAY])

    assert rows_of(lake) == rows


def test_the_history_of_a_feed_is_known_from_its_first_ingested_files_on(lake):
    names = ("shop", "web", "shop")
    files = [
        {"feed": name, "state": state, "recorded_at": NOW + timedelta(days=day)}
        for name, state, day in zip(names, ("ingested", "ingested", "ingested"), (2, 5, 9), strict=True)
    ]
    lake.state.append(FILES, [*files, {"feed": "web", "state": "rejected", "recorded_at": NOW}])

    assert lake.lake.backfilled_at() == {"shop": NOW + timedelta(days=2), "web": NOW + timedelta(days=5)}


def test_a_feature_of_a_table_that_churn_does_not_read_is_refused(lake):
    stray = feature("visits", "bigint", 30, "silver.sessions", "started_at", 0, "Visits", "visits")(lambda values: None)
    lake.lake.own = (stray,)

    with pytest.raises(DeclarationError, match=r"'visits' is of silver.sessions"):
        _ = lake.lake.features


def at(*words):
    return datetime(*words, 12, tzinfo=UTC)


def test_a_closed_feed_does_not_end_the_data_of_the_others(lake):
    span = lake.lake.order_span()
    lake.write_orders([("ann", at(2023, 5, 1)), ("bob", at(2024, 5, 1))], feed="old")

    assert lake.lake.order_span() == span


def test_of_feeds_with_recent_orders_the_data_ends_with_that_which_ends_first(lake):
    last = lake.lake.order_span()[1] - timedelta(days=1)
    lake.write_orders([("ann", at(last.year, last.month, last.day) - timedelta(days=89))], feed="slow")

    assert lake.lake.order_span()[1] == last - timedelta(days=88)


def test_customers_of_a_closed_feed_are_judged_where_their_90_days_were_over(lake):
    over, running = date(2024, 10, 2), date(2024, 10, 3)
    orders = [("ann", at(2024, 9, 1)), ("bob", at(2024, 9, 2)), ("bob", at(2024, 12, 30))]
    lake.write_orders(orders, ingested_at=at(2024, 1, 1), feed="old")
    lake.lake.write_features([over, running])

    lake.lake.write_training_set({over: "train", running: "test"}, 1)

    rows = lake.lake.training_set(1).to_pylist()
    judged = {(row["customer_id"], row["as_of_date"], row["is_churned"]) for row in rows}
    assert judged == {("ann", over, True), ("bob", over, False)}


def test_the_features_of_a_day_that_has_not_begun_are_not_kept(lake):
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    noon = datetime.now(UTC)
    lake.write_orders([("early", noon)], ingested_at=noon)
    before = {row.customer_id for row in lake.lake.features_of(tomorrow).collect()}
    lake.write_orders([("late", noon)], ingested_at=noon)

    assert {row.customer_id for row in lake.lake.features_of(tomorrow).collect()} == before | {"late"}
    assert rows_of(lake) == []


def test_a_day_has_begun_when_it_has_in_the_time_zone_of_each_feed(lake):
    lake.write_orders([("ann", NOW)], feed="west")
    west = replace(lake.settings.feeds[0], name="west", timezone="Etc/GMT+12")
    lake.lake.settings = replace(lake.settings, feeds=(*lake.settings.feeds[1:], west))
    today = (datetime.now(UTC) - timedelta(hours=12)).date()

    lake.lake.features_of(today)
    lake.lake.features_of(today + timedelta(days=1))

    assert lake.engine.partitions(churn_features, "as_of_date") <= {str(today)}


def test_the_share_of_sales_that_were_ingested_too_late_is_told(lake):
    lines = lake.engine.read(LINES).where(F.col("order_date") < F.lit(DAY)).count()
    files = [{"feed": "shop", "state": "ingested", "recorded_at": NOW}]
    lake.state.append(FILES, files)
    assert lake.lake.share_unknown(DAY) == 0

    lake.write_orders([("ann", at(2025, 11, day)) for day in (1, 2)], ingested_at=at(2025, 12, 1))

    assert lake.lake.share_unknown(DAY) == pytest.approx(2 / (lines + 2))

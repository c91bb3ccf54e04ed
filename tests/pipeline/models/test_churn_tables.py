from datetime import UTC, date, datetime, timedelta

import pytest
from sample_churn_lake import SampleChurnLake, churn_features

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

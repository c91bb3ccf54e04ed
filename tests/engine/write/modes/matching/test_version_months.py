from datetime import date

import pytest

from shoplake.engine.session.sail import SailServers
from shoplake.engine.write.modes.matching.version_months import changed_months, is_in_months, months_condition

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
SCHEMA = "key string, valid_to_month date"


@pytest.fixture(scope="module")
def versions(spark):
    return spark.createDataFrame([("a", JAN), ("b", FEB), ("c", None)], SCHEMA)


def test_months_of_added_and_removed_versions_have_changed(spark, versions):
    new = spark.createDataFrame([("a", JAN), ("d", FEB)], SCHEMA)

    assert changed_months(versions, new) == {"2026-02-01", None}
    assert changed_months(versions, versions) == set()


def test_more_versions_than_fit_into_memory_are_compared():
    servers = SailServers(min_query_bytes=24 << 20)
    session = servers.session(24 << 20)
    old, new = (
        session.range(200_000).selectExpr(
            f"concat('customer-', id % {count}) AS key", "DATE '2026-01-01' AS valid_to_month"
        )
        for count in (200_000, 199_999)
    )

    months = changed_months(old, new)
    servers.stop()

    assert months == {"2026-01-01"}


@pytest.mark.parametrize(
    ("months", "keys"),
    [({"2026-01-01"}, ["a"]), ({None}, ["c"]), ({"2026-02-01", None}, ["b", "c"]), (set(), [])],
)
def test_a_version_is_in_the_months_that_its_partition_is_one_of(versions, months, keys):
    chosen = versions.select("key", is_in_months(months).alias("is_in")).collect()

    assert [row.key for row in chosen if row.is_in] == keys
    assert {row.is_in for row in chosen} <= {True, False}


def test_the_condition_of_an_overwrite_selects_the_same_versions(versions):
    months = {"2026-02-01", "2026-01-01", None}

    assert months_condition(months) == "valid_to_month IN ('2026-01-01', '2026-02-01') OR valid_to_month IS NULL"
    assert versions.where(months_condition(months)).count() == 3
    assert [row.key for row in versions.where(months_condition({"2026-01-01"})).collect()] == ["a"]

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import StructType
from reliability.lakes import with_read
from sample_changes import TABLES, changed
from sample_tables import feed

from shoplake import tables
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import DeclarationError, SchemaMismatchError
from shoplake.feeds import KINDS
from shoplake.operations.definitions.current_definitions import CurrentDefinitions, feed_settings

SOME = pytest.param(("sessions", "customers", "payments"), id="some tables")


def current(spark, folder, declared=TABLES, feeds=None):
    feeds = feeds or (feed(folder),)
    return CurrentDefinitions(DeltaEngine(spark, str(folder)), Catalog(declared.values()), feeds)


@pytest.mark.slow
@pytest.mark.parametrize("names", [SOME, pytest.param((), id="all tables", marks=pytest.mark.slow)])
def test_every_table_of_the_catalog_has_a_definition_that_is_the_same_again(spark, tmp_path, names):
    catalog = Catalog.from_package(tables)
    catalog = Catalog(with_read(catalog, names or catalog))
    feeds = tuple(Feed(name, kind, "landing", "Europe/London", "GBP") for name, kind in KINDS.items())

    one, two = (CurrentDefinitions(DeltaEngine(spark, str(tmp_path)), catalog, feeds).read() for _ in range(2))

    assert one == two
    assert [*one] == [table.qualified_name for table in catalog.ordered]
    assert one["silver.events"].plan_hash.keys() == KINDS.keys()
    assert "ua-parser" in one["silver.events"].versions and one["silver.events"].code_hash


def test_a_feed_counts_only_for_the_tables_that_its_settings_reach(spark, tmp_path):
    one = feed(tmp_path)
    before = current(spark, tmp_path, feeds=(one,)).read()
    after = current(spark, tmp_path, feeds=(replace(one, timezone="Asia/Tokyo"),)).read()

    assert [name for name in before if before[name] != after[name]] == ["silver.local_marks"]


def test_a_feed_that_is_added_leaves_the_hashes_of_the_others(spark, tmp_path):
    one = feed(tmp_path)
    both = current(spark, tmp_path, feeds=(one, replace(one, name="other"))).read()["silver.local_marks"].plan_hash

    assert both["shop"] == current(spark, tmp_path).read()["silver.local_marks"].plan_hash["shop"]


def test_the_folder_of_a_feed_is_no_setting_of_its_tables(tmp_path):
    assert feed_settings(feed(tmp_path)) == {
        "kind": "toy",
        "timezone": "UTC",
        "currency": None,
        "is_strict": "False",
        "events": "()",
    }


def test_a_function_that_reads_a_column_that_is_gone_fails_before_any_data(spark, tmp_path):
    declared = changed("daily", columns=TABLES["daily"].columns[:2])

    with pytest.raises(DeclarationError, match=r"gold\.totals cannot be built"):
        current(spark, tmp_path, declared).check(TABLES["totals"])


def test_a_function_that_returns_other_columns_fails_before_any_data(spark, tmp_path):
    declared = changed("daily", columns=TABLES["daily"].columns[:2])

    with pytest.raises(SchemaMismatchError, match=r"gold\.daily"):
        current(spark, tmp_path, declared).check(declared["daily"])


def test_the_line_of_a_function_that_fails_is_named(spark, tmp_path):
    def totals(daily):
        return daily.nope("x")

    declared = changed("totals", build=totals)

    line = totals.__code__.co_firstlineno + 1
    with pytest.raises(
        DeclarationError, match=rf"^gold\.totals cannot be built: .+ \({Path(__file__).name}, line {line}\)$"
    ):
        current(spark, tmp_path, declared).check(declared["totals"])


def test_a_function_without_return_is_told_so(spark, tmp_path):
    declared = changed("totals", build=lambda daily: None)

    with pytest.raises(DeclarationError, match=r"returned None, not a DataFrame. End it with return"):
        current(spark, tmp_path, declared).check(declared["totals"])


@pytest.mark.parametrize(
    "today",
    [
        F.current_date(),
        F.current_timestamp().cast("date"),
        F.unix_timestamp().cast("timestamp").cast("date"),
        F.expr("date_sub(current_date, 1)"),
        F.expr("DATE 'today'"),
        F.coalesce(F.col("day"), F.now()),
    ],
)
def test_a_table_that_asks_for_the_time_is_refused(spark, tmp_path, today):
    declared = changed("totals", build=lambda daily: daily.withColumn("day", today))

    with pytest.raises(DeclarationError, match=r"^gold\.totals asks for the time: .* Take a time of the data"):
        current(spark, tmp_path, declared).read()


@pytest.mark.parametrize(
    "chosen",
    [
        lambda daily: daily.where(F.rand() < 0.5),
        lambda daily: daily.where("uuid() > 'a'"),
        lambda daily: daily.sample(0.5, seed=7),
        lambda daily: daily.orderBy(F.monotonically_increasing_id()),
        lambda daily: daily.where("n > cast(rand() * 9 AS int)"),
    ],
)
def test_a_table_that_is_made_by_chance_is_refused(spark, tmp_path, chosen):
    declared = changed("totals", build=chosen)

    with pytest.raises(DeclarationError, match=r"^gold\.totals calls .*, which is another value each time"):
        current(spark, tmp_path, declared).read()


@pytest.mark.parametrize(
    "repeatable",
    [
        lambda daily: daily.where(F.rand(7) < 0.5),
        lambda daily: daily.where("rand(7) < 0.5"),
        lambda daily: daily.withColumn("salt", F.rand(7)).drop("salt"),
        lambda daily: daily.where(F.unix_timestamp("day") > 5).where(F.lit("now") != "today"),
        lambda daily: daily.where("feed <> 'now'").withColumn("random", F.lit(1)),
    ],
)
def test_a_table_may_have_a_seed_and_name_its_columns_freely(spark, tmp_path, repeatable):
    declared = changed("totals", build=repeatable)

    assert "gold.totals" in current(spark, tmp_path, declared).read()


@pytest.mark.parametrize(("feeds", "asked"), [(1, ["totals"]), (2, ["local_marks", "totals"])])
def test_the_schema_that_a_check_asked_for_is_kept_unless_feeds_could_have_several(spark, tmp_path, feeds, asked):
    engine, written = DeltaEngine(spark, str(tmp_path)), Schemas()
    shops = tuple(replace(feed(tmp_path), name=f"shop-{number}") for number in range(feeds))
    definitions = CurrentDefinitions(engine, Catalog(TABLES.values()), shops)
    for name in ("daily", "local_marks"):
        definitions.check(TABLES[name])

    for name in ("daily", "local_marks", "totals"):
        written.name = name
        with contextlib.suppress(SchemaMismatchError):
            engine.writer(TABLES[name]).check(written)

    assert written.asked == asked


class Schemas:
    """Rows that note for which table their schema is asked for."""

    name = ""

    def __init__(self):
        self.asked = []

    @property
    def schema(self):
        self.asked.append(self.name)
        return StructType()

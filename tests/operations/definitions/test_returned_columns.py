from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from pyspark.sql.connect.client.core import SparkConnectClient
from sample_changes import TABLES
from sample_tables import feed as sample_feed

from shoplake import tables
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.session.capabilities import SAIL, SPARK
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import SchemaMismatchError
from shoplake.feeds import KINDS
from shoplake.operations.definitions.current_definitions import CurrentDefinitions, engine_version
from shoplake.operations.definitions.returned_columns import recorded_schema, to_text

SHOP = Feed("my shop", KINDS["zenith"], "landing", "Asia/Kathmandu", "NPR")
USUAL = Feed("shop", KINDS["zenith"], "landing", "Europe/London", "GBP")
RECORD_AGAIN = "The plans of these tables are unknown. Record them: python -m tools.returned_columns"


@pytest.fixture
def catalog():
    return Catalog.from_package(tables)


def definitions(spark, folder, catalog, feeds=(SHOP,), capabilities=SAIL):
    return CurrentDefinitions(DeltaEngine(spark, str(folder), capabilities), catalog, feeds)


@pytest.fixture
def asked(monkeypatch):
    """Grows with each question for a schema."""
    questions, analyze = [], SparkConnectClient._analyze

    def counting(self, method, **options):
        questions.append(method)
        return analyze(self, method, **options)

    monkeypatch.setattr(SparkConnectClient, "_analyze", counting)
    return questions


@pytest.mark.parametrize("feed", [SHOP, USUAL], ids=lambda feed: feed.name)
def test_the_plans_of_all_tables_are_recorded_for_the_engine_of_the_lock_file(spark, tmp_path, catalog, feed):
    current = definitions(spark, tmp_path, catalog, (feed,))
    engine = engine_version(current._engine)

    unknown = [
        table.qualified_name
        for table in catalog.ordered
        if table.inputs
        for plan, _ in current.rows_by_plan(table)
        if recorded_schema(engine, plan) is None
    ]

    assert unknown == [], RECORD_AGAIN


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_recorded_columns_are_those_that_the_engine_says(spark, tmp_path, catalog, kind):
    current = definitions(spark, tmp_path, catalog, (replace(SHOP, kind=KINDS[kind]),))
    engine = engine_version(current._engine)

    for table in catalog.ordered:
        for plan, rows in current.rows_by_plan(table) if table.inputs else ():
            recorded = recorded_schema(engine, plan)
            assert recorded is not None, RECORD_AGAIN
            assert (table.name, to_text(recorded)) == (table.name, to_text(rows.schema))


def test_the_functions_of_all_tables_are_checked_without_a_question_whatever_the_zone(spark, tmp_path, catalog, asked):
    current = definitions(spark, tmp_path, catalog)

    for table in catalog.ordered:
        if table.inputs:
            current.check(table)

    assert asked == []


def test_an_engine_that_others_have_set_up_is_asked(spark, tmp_path, catalog, asked):
    definitions(spark, tmp_path, catalog, capabilities=replace(SPARK, shares_disk=False)).check(catalog["purchases"])

    assert "schema" in asked


def test_a_function_that_makes_another_plan_is_asked_for_its_columns(spark, tmp_path, catalog):
    purchases = catalog["purchases"]

    def with_another_type(events, sessions, products):
        return purchases.build(events, sessions, products).withColumn("feed", F.lit(1))

    changed = replace(purchases, build=with_another_type, _name="purchases", _doc=purchases.doc)
    others = [table for table in catalog.values() if table.name != "purchases"]

    with pytest.raises(SchemaMismatchError, match="feed is int, declared string"):
        definitions(spark, tmp_path, Catalog([*others, changed])).check(changed)


def test_columns_of_another_version_of_an_engine_are_unknown(spark, tmp_path, catalog):
    current = definitions(spark, tmp_path, catalog)
    (plan, _), *_ = current.rows_by_plan(catalog["purchases"])
    (name, _), *_ = engine_version(current._engine).items()

    assert recorded_schema({name: "0.0.1"}, plan) is None
    assert recorded_schema({"other": "1"}, plan) is None


def test_a_table_of_a_project_is_asked_for(spark, tmp_path, asked):
    current = definitions(spark, tmp_path, Catalog(TABLES.values()), (sample_feed(tmp_path),))

    current.check(TABLES["daily"])

    assert asked == ["schema"]

import duckdb
import pytest
from jinja2 import Environment

from shoplake import tables
from shoplake.declare import Replace, col, expect, one_of, table, warn
from shoplake.declare.catalog import Catalog
from shoplake.deploy.dbt.sources import rule_test, source_tables, sources_document

CATALOG = Catalog.from_package(tables)
SOURCES = {each["name"]: each for each in sources_document(source_tables(CATALOG))["sources"]}
GOLD = {each["name"]: each for each in SOURCES["gold"]["tables"]}


@pytest.mark.parametrize(
    "table", [each for each in CATALOG.values() if each.layer == "gold"], ids=lambda each: each.name
)
def test_a_gold_table_is_a_source_with_all_columns_and_a_test_of_its_key(table):
    source = GOLD[table.name]

    columns = [(each["name"], each["data_type"], each["description"]) for each in source["columns"]]
    assert columns == [(each.name, each.type, each.meaning) for each in table.columns]
    assert {"unique_key": {"arguments": {"columns": list(table.key)}}} in source["data_tests"]
    assert source["config"]["meta"]["delta_table_path"] == f"{{{{ var('lake') }}}}/gold/{table.name}"


def test_a_table_that_metrics_count_is_a_source_too():
    assert [each["name"] for each in SOURCES["silver"]["tables"]] == ["sessions"]


def test_personal_columns_are_marked():
    columns = {each["name"]: each for each in GOLD["customer_360"]["columns"]}

    assert columns["location"]["config"]["meta"]["personal"] == "location"


def test_a_rule_that_warns_is_a_warning():
    [test] = [each["satisfies"] for each in GOLD["carts"]["data_tests"] if "satisfies" in each]

    assert (test["arguments"], test["config"]) == ({"condition": "lines_without_rate = 0"}, {"severity": "warn"})


def test_a_rule_of_sparks_dialect_is_translated_for_duckdb():
    arguments = rule_test(expect("known", "name RLIKE '^a'"))["satisfies"]["arguments"]

    assert arguments == {"condition": "name RLIKE '^a'", "duckdb": "REGEXP_MATCHES(name, '^a')"}


@pytest.mark.parametrize(
    "condition",
    [
        'name IN ("a", "b")',
        "name <=> 'a'",
        "nvl(name, 'b') = 'a'",
        "`name` = 'a'",
        "dayofweek(day) = 1",
        "weekday(day) = 6 AND dayofweek(day) + weekday(day) = 7",
    ],
)
def test_a_rule_that_spark_alone_understands_is_true_of_the_same_rows_in_duckdb(condition):
    arguments = rule_test(warn("known", condition))["satisfies"]["arguments"]

    rows = "(VALUES ('a', DATE '2026-03-01'), ('c', DATE '2026-03-02')) AS rows(name, day)"
    assert duckdb.sql(f"SELECT name FROM {rows} WHERE {arguments['duckdb']}").fetchall() == [("a",)]


def rendered(text):
    """A text as dbt renders it."""
    return Environment().from_string(text).render()


@pytest.mark.parametrize("text", ["{{ doc(x) }}", "50 {% off %}", "{# 1 #}", "{{{a}}}", "{a}"])
def test_texts_of_a_shop_are_no_expressions_of_jinja(text):
    @table("gold", key="id", write=Replace(), columns=[col("id", "string", text)], expectations=[one_of("id", text)])
    def things():
        """One row per thing."""

    [source] = sources_document([things])["sources"][0]["tables"]

    assert rendered(source["columns"][0]["description"]) == text
    assert rendered(source["data_tests"][1]["satisfies"]["arguments"]["condition"]) == f"id IN ('{text}')"


def test_a_required_column_is_tested_once():
    @table("gold", key="id", write=Replace(), columns=[col("id", "string", "Id", required=True)])
    def things():
        """One row per thing."""

    [source] = sources_document([things])["sources"][0]["tables"]

    assert source["columns"][0]["data_tests"] == ["not_null"]
    assert source["data_tests"] == [{"unique_key": {"arguments": {"columns": ["id"]}}}]


def test_a_warning_stays_a_warning():
    assert rule_test(warn("cheap", "price < 10"))["satisfies"]["config"] == {"severity": "warn"}

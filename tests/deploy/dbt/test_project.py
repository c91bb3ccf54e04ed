from dataclasses import replace

import duckdb
import pytest
import yaml
from jinja2 import Environment

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.deploy.dbt.project import dbt_files, funnel_steps, project_name
from shoplake.deploy.generated_files import is_generated
from shoplake.settings import Settings

CATALOG = Catalog.from_package(tables)


@pytest.fixture
def settings(zenith, retailrocket, tmp_path):
    return Settings(lake=str(tmp_path / "lake"), feeds=(zenith, replace(retailrocket, name="rocket")))


@pytest.fixture
def files(settings):
    return dbt_files(CATALOG, settings, "My shop")


def test_each_file_says_that_it_is_generated(files):
    assert [path for path, text in files.items() if not is_generated(text)] == []


def test_the_project_knows_the_lake_and_the_steps_that_each_feed_sends(files, settings):
    project = yaml.safe_load(files["dbt_project.yml"])

    assert (project["name"], project["vars"]["lake"]) == ("my_shop", settings.lake)
    assert project["vars"]["funnel_steps"]["rocket"] == ["product_view", "add_to_cart", "purchase"]


def test_a_feed_without_events_has_no_funnel(online_retail):
    assert funnel_steps([online_retail]) == {}


def test_a_shop_without_events_has_no_row_in_the_funnel(files):
    dbt = Environment(extensions=["jinja2.ext.do"])
    macros = dbt.from_string(files["macros/funnel_steps.sql"], globals={"var": lambda _: {}})

    [(count,)] = duckdb.sql(f"SELECT count(*) FROM ({macros.module.funnel_steps()})").fetchall()

    assert count == 0


@pytest.mark.parametrize(("catalog", "target"), [(None, "duckdb"), ("main", "databricks")])
def test_a_lake_in_a_catalog_is_built_on_databricks_by_default(catalog, target, settings):
    profiles = yaml.safe_load(dbt_files(CATALOG, replace(settings, catalog=catalog), "shop")["profiles.yml"])

    assert profiles["shoplake"]["target"] == target
    assert set(profiles["shoplake"]["outputs"]) == {"duckdb", "databricks"}


def test_sums_of_own_models_over_an_outer_join_with_an_empty_table_are_whole(files):
    settings = yaml.safe_load(files["profiles.yml"])["shoplake"]["outputs"]["duckdb"]["settings"]
    with duckdb.connect() as connection:
        for name, value in settings.items():
            connection.execute(f"SET {name} = '{value}'")
        connection.execute("CREATE TABLE sold AS SELECT range // 100 AS product, range % 9 AS units FROM range(300)")
        connection.execute("CREATE TABLE named (product BIGINT, is_current BOOLEAN)")
        sums = "SELECT product, sum(units)::BIGINT FROM sold LEFT JOIN (FROM named WHERE is_current) USING (product)"
        found = connection.execute(f"{sums} GROUP BY product ORDER BY product").fetchall()

    assert found == [(each, sum(n % 9 for n in range(100 * each, 100 * each + 100))) for each in range(3)]


def test_no_secret_is_written(files):
    assert "{{ env_var('DATABRICKS_TOKEN', 'none') }}" in files["profiles.yml"]


def test_what_reads_the_tables_is_an_exposure(files):
    exposures = {
        each["name"]: each["depends_on"] for each in yaml.safe_load(files["models/exposures.yml"])["exposures"]
    }

    assert "source('gold', 'sales_daily')" in exposures["dashboard"]
    assert "source('gold', 'churn_scores')" in exposures["churn_model"]


def test_metrics_are_macros_with_the_one_definition(files):
    macros = files["macros/metrics.sql"]

    assert '"net_sales": "SUM(net_sales)"' in macros
    assert '"sessions": "NOT is_bot"' in macros


@pytest.mark.parametrize(("name", "valid"), [("My shop", "my_shop"), ("2nd-shop", "nd_shop"), ("ü", "shoplake")])
def test_a_name_is_one_that_dbt_takes(name, valid):
    assert project_name(name) == valid

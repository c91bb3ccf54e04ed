"""What Apache Spark knows of the SQL of a bundle is run there: comments, properties, views, variables."""

from __future__ import annotations

import re

import pytest
from hidden.hidden_storage import hidden_storage_server, skip_unless_hidden

from shoplake import tables
from shoplake.declare.catalog import Catalog

pytestmark = pytest.mark.slow
CATALOG = Catalog.from_package(tables)
LAYERS = ("bronze", "silver", "gold")
MADE = ("customers", "products", "sales_daily", "funnel_daily", "sales_by_channel_daily", "sales_by_country_daily")
MADE += ("product_performance_daily", "customer_segments")
UNKNOWN = re.compile(r"USE CATALOG|EXECUTE IMMEDIATE|.*( SET (TAGS|MASK) | ADD CONSTRAINT | DROP PRIMARY KEY )", re.S)
"""Statements that only Databricks has; metric views are of a version that Spark refuses."""
TABLE = re.compile(r"(?:COMMENT ON|ALTER) TABLE (\w+)")


@pytest.fixture(scope="module")
def session():
    """A session on a Spark server with some of the tables, without rows."""
    skip_unless_hidden()
    from pyspark.sql import SparkSession

    with hidden_storage_server() as server:
        made = SparkSession.builder.remote(server.remote).create()
        for layer in LAYERS:
            made.sql(f"CREATE SCHEMA IF NOT EXISTS {layer}").collect()
        for name in MADE:
            table = CATALOG[name]
            columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
            made.sql(f"CREATE TABLE {table.qualified_name} ({columns}) USING delta").collect()
        yield made
        made.stop()


def with_parameters(statement):
    """A statement with its parameters, as the task gives them, for a member of every group."""
    for name in LAYERS:
        statement = re.sub(rf"(?<![\w:]):{name}\b", f"'{name}'", statement)
    statement = re.sub(r"is_account_group_member\('\w+'\)", "true", statement)
    return statement.replace(":catalog", "'spark_catalog'")


def is_run(statement):
    found = TABLE.match(statement)
    return not UNKNOWN.match(statement) and (found is None or found[1] in MADE)


def test_comments_properties_views_and_statements_are_sql_of_spark(session, statements):
    for name in ("tables_2", "tables_3", "views", "metric_views"):
        for statement in filter(is_run, map(with_parameters, statements(name))):
            session.sql(statement).collect()

    [comment] = [row.comment for row in session.sql("DESCRIBE gold.sales_daily").collect() if row.col_name == "orders"]
    assert comment == CATALOG["sales_daily"].column("orders").meaning
    assert {row.tableName for row in session.sql("SHOW TABLES IN gold").collect()} >= {"answer_segments"}
    assert session.table("silver.customers_current").columns[:2] == ["feed", "customer_id"]
    made = session.sql("SELECT statement").collect()[0][0]
    assert "spark_catalog." in made and "{schema}" not in made

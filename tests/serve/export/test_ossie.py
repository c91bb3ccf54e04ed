import json
from pathlib import Path

import duckdb
import jsonschema
import pytest
import yaml

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.declare.metric import find_metrics
from shoplake.errors import UnknownTableError
from shoplake.serve.export.ossie import define, write_definitions

SCHEMA = json.loads(Path(__file__).with_name("ossie-0.2.0.dev0.schema.json").read_text())
CATALOG = Catalog.from_package(tables)


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load(write_definitions(CATALOG, layers=["silver", "gold"]))


@pytest.fixture(scope="module")
def model(document):
    return document["semantic_model"][0]


def test_the_definitions_of_all_tables_fit_the_pinned_schema(document):
    jsonschema.validate(document, SCHEMA)


def test_a_document_that_does_not_fit_the_schema_is_found(document):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"semantic_model": [{"name": "shoplake"}]}, SCHEMA)


def test_each_table_has_its_columns_key_and_description(model):
    datasets = {each["source"]: each for each in model["datasets"]}

    assert set(datasets) == {each.qualified_name for each in CATALOG.ordered if each.layer != "bronze"}
    sales = datasets["gold.sales_daily"]
    assert sales["primary_key"] == ["feed", "sales_date", "currency"] and "Returns count on" in sales["description"]
    assert [field["name"] for field in sales["fields"]] == [each.name for each in CATALOG["sales_daily"].columns]


def test_money_is_a_decimal_days_are_time_dimensions_and_personal_columns_are_marked(model):
    fields = {(data["name"], each["name"]): each for data in model["datasets"] for each in data["fields"]}

    assert fields["sales_daily", "net_sales"]["datatype"] == "Decimal"
    assert fields["sales_daily", "sales_date"]["dimension"] == {"is_time": True}
    assert json.loads(fields["customers", "email"]["custom_extensions"][0]["data"])["personal"] == "email"


def test_relationships_lead_to_a_table_whose_key_they_name(model):
    keys = {each["name"]: each.get("primary_key") for each in model["datasets"]}
    pairs = {(each["from"], each["to"]) for each in model["relationships"]}

    assert {("order_values", "customer_360"), ("order_values", "product_funnel")} <= pairs
    assert all(each["to_columns"] == keys[each["to"]] for each in model["relationships"])


def test_each_metric_can_be_computed_from_its_table(model):
    expressions = {each["name"]: each["expression"]["dialects"][0]["expression"] for each in model["metrics"]}
    with duckdb.connect() as connection:
        for metric, table in find_metrics(CATALOG.ordered):
            columns = ", ".join(f"{0 if each.type == 'boolean' else 2} AS {each.name}" for each in table.columns)
            source = f"(SELECT {columns}) AS {table.name}"
            assert connection.execute(f"SELECT {expressions[metric.name]} FROM {source}").fetchall()[0][0] is not None


def test_one_table_has_no_metrics_and_relationships_of_others():
    [model] = define([CATALOG["carts"]])["semantic_model"]

    assert "metrics" not in model and "relationships" not in model


def test_an_unknown_table_is_named_with_the_nearest_one():
    with pytest.raises(UnknownTableError, match="Did you mean 'carts'"):
        write_definitions(CATALOG, ["cart"])

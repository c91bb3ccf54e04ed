import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from jsonschema.validators import validator_for
from sample_tables import marks

from shoplake import tables
from shoplake.declare import col, extend, unique
from shoplake.declare.catalog import Catalog
from shoplake.operations.contract import LOGICAL_TYPES, breaking_changes, to_contract
from shoplake.operations.yaml_text import to_yaml

GATED = extend("silver.marks", gates=[unique("id")]).apply(marks)
CONTRACT = to_contract(GATED, "1.0.0")
REQUIRED = {"apiVersion", "kind", "id", "version", "status"}
"""The fields that the standard requires."""


def changes(**parts):
    return list(breaking_changes(CONTRACT, replace(GATED, **parts)))


def test_a_contract_has_the_columns_the_key_and_the_rules():
    [schema] = CONTRACT["schema"]
    properties = {each["name"]: each for each in schema["properties"]}

    assert properties["id"]["required"] and properties["id"]["primaryKeyPosition"] == 2
    assert (properties["n"]["logicalType"], properties["n"]["physicalType"]) == ("integer", "int")
    assert {"n_positive", "id_present", "unique_id"} == {each["name"] for each in schema["quality"]} - {
        *("feed_present", "at_present"),
    }


@pytest.mark.parametrize("table", Catalog.from_package(tables).values(), ids=lambda table: table.name)
def test_every_table_has_a_contract_of_the_standards_fields_that_yaml_reads_back(table):
    made = to_contract(table, "1.0.0")

    assert made.keys() >= REQUIRED and made["apiVersion"].startswith("v3.")
    assert {each["logicalType"] for each in made["schema"][0]["properties"]} <= set(LOGICAL_TYPES.values())
    assert yaml.safe_load(to_yaml(made)) == made


def test_a_table_keeps_its_own_contract_and_may_have_more():
    assert changes() == []
    assert changes(columns=(*GATED.columns, col("more", "string", "More"))) == []


def test_what_a_consumer_can_no_longer_rely_on_is_named():
    columns = [each for each in GATED.columns if each.name != "who"]
    columns = [replace(each, type="bigint") if each.name == "n" else each for each in columns]
    columns = [replace(each, required=False) if each.name == "id" else each for each in columns]

    assert changes(columns=tuple(columns)) == [
        *("column id may be null", "column who is gone", "column n is bigint, it was int", "rule id_present is gone"),
    ]
    assert changes(gates=()) == ["rule unique_id is gone"]
    assert changes(key=("id",)) == [
        "column feed has another place in the key",
        "column id has another place in the key",
    ]


@pytest.mark.sample
def test_contracts_are_valid_by_the_schema_of_the_standard():
    package = pytest.importorskip("open_data_contract_standard", reason="it is no dependency yet")
    schema = json.loads(Path(package.__file__).with_name("schema.json").read_text())
    validator = validator_for(schema)(schema)
    declared = [*Catalog.from_package(tables).values(), GATED]

    assert [str(error) for table in declared for error in validator.iter_errors(to_contract(table, "1.0.0"))] == []


def test_a_new_column_in_the_key_breaks_a_contract_because_rows_are_no_longer_alone():
    columns = (*GATED.columns, col("part", "string", "Part"))

    assert changes(columns=columns, key=(*GATED.key, "part")) == ["column part is new in the key"]

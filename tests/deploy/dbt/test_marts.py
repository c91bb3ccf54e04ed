import re

import pytest

from shoplake.deploy.dbt.marts import MARTS, marts_document
from shoplake.deploy.dbt.project import TEMPLATES

DOCUMENT = marts_document({"shop": ["page_view", "purchase"]})


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
def test_a_mart_has_an_enforced_contract_of_all_columns_that_its_query_ends_with(mart):
    [model] = [each for each in DOCUMENT["models"] if each["name"] == mart.name]
    query = (TEMPLATES / f"models/{mart.name}.sql.txt").read_text().rpartition("select")[2]

    assert model["config"]["contract"] == {"enforced": True}
    assert all(each["description"] and each["data_type"] for each in model["columns"])
    positions = [re.search(rf"\b{each['name']},?\n", query).start() for each in model["columns"]]
    assert positions == sorted(positions)


@pytest.mark.parametrize("mart", MARTS, ids=lambda mart: mart.name)
def test_a_mart_has_a_unit_test_over_every_source_that_it_reads(mart):
    [test] = [each for each in DOCUMENT["unit_tests"] if each["model"] == mart.name]
    query = (TEMPLATES / f"models/{mart.name}.sql.txt").read_text()

    assert {each["input"] for each in test["given"]} == set(re.findall(r"source\([^)]*\)", query))
    assert {name for row in test["expect"]["rows"] for name in row} <= {each.name for each in mart.columns}

import json

import pytest


@pytest.mark.parametrize("command", ["describe", "explain"])
def test_a_table_is_found_with_and_without_its_layer(shoplake, lake, command):
    with_layer, without = (
        shoplake(command, name, "--config", lake).stdout.splitlines()[0] for name in ("gold.sales_daily", "sales_daily")
    )
    assert with_layer == without == "gold.sales_daily"


def test_tables_are_listed_layer_by_layer(shoplake, lake):
    layers = [each["layer"] for each in json.loads(shoplake("tables", "--config", lake, "--json").stdout)]
    assert list(dict.fromkeys(layers)) == ["bronze", "silver", "gold", "ops"]
    assert layers == sorted(layers, key=["bronze", "silver", "gold", "ops"].index)


def test_versions_takes_a_table_and_a_key(shoplake, lake):
    assert shoplake("versions", "silver.customers", "--config", lake).exit_code == 2
    output = shoplake("versions", "customers", "C0000001", "--config", lake).stdout
    assert output.startswith("silver.customers C0000001: ")

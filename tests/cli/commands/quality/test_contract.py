import json


def test_an_exported_contract_is_kept_until_a_column_is_gone(shoplake, shared, tmp_path):
    file = tmp_path / "sales.odcs.json"
    assert shoplake("contract", "export", "gold.sales_daily", "-o", file, "--json", "--config", shared).exit_code == 0
    assert shoplake("contract", "check", file, "--config", shared).exit_code == 0
    made = json.loads(file.read_text())
    made["schema"][0]["properties"].append({"name": "gone", "physicalType": "int"})
    file.write_text(json.dumps(made))

    result = shoplake("contract", "check", file, "--config", shared)

    assert (result.exit_code, "column gone is gone" in result.stdout) == (1, True)


def test_a_contract_is_printed_as_yaml(shoplake, shared):
    result = shoplake("contract", "export", "gold.sales_daily", "--config", shared)

    assert (result.exit_code, result.stdout.startswith('apiVersion: "v3.1.0"\nkind: "DataContract"')) == (0, True)

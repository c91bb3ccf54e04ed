import json

import pytest
import yaml
from serve.export.small_lake import CUSTOMERS, PRODUCTS, SALES, SmallLake, product, sale

from shoplake.cli.commands.serve import export as command


@pytest.fixture
def export(shoplake, tmp_path, monkeypatch):
    """The command over a small lake."""
    lake = SmallLake(tmp_path / "lake")
    customers = [{"customer_id": "C1", "email": "ann@example.org"}]
    lake.run({SALES: [sale(1)], PRODUCTS: [product("Lamp")], CUSTOMERS: customers})
    monkeypatch.setattr(command, "open_lake", lambda config: lake)
    return lambda *words: shoplake("export", *words)


def test_the_output_has_a_line_per_table_and_says_where_all_is(export, tmp_path):
    result = export("--all", "--to", tmp_path / "out")

    lines = result.stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [["gold.sales_daily", "1", "1"], ["gold.products", "1", "1"]]
    assert lines[-1] == f"2 tables with 2 rows in {tmp_path}/out (parquet), as of the run of 2026-03-02 06:00 UTC."


def test_personal_columns_that_are_left_out_are_named(export, tmp_path):
    without = export("customers", "--to", tmp_path / "a").stdout
    with_personal = export("customers", "--to", tmp_path / "b", "--with-personal").stdout

    assert "Personal columns left out: silver.customers (email). Add them: --with-personal" in without
    assert "left out" not in with_personal


def test_json_has_the_run_and_each_table(export, tmp_path):
    result = json.loads(export("--all", "--layer", "silver", "--to", tmp_path / "s.duckdb", "--json").stdout)

    assert (result["format"], result["run_id"]) == ("duckdb", "run1")
    assert result["tables"] == [
        {"table": "silver.customers", "version": 1, "rows": 1, "is_truncated": False, "columns_left_out": ["email"]}
    ]


def test_definitions_are_yaml_on_stdout_or_in_a_file(export, tmp_path):
    printed = export("--definitions", "ossie").stdout
    written = export("--definitions", "ossie", "--to", tmp_path / "shop.yaml").stdout

    assert [each["name"] for each in yaml.safe_load(printed)["semantic_model"][0]["datasets"]] == [
        "sales_daily",
        "products",
    ]
    assert (tmp_path / "shop.yaml").read_text() == printed and str(tmp_path / "shop.yaml") in written


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Name tables, or use --all."),
        (("sales_daily", "--all"), "not both"),
        (("sales_daily", "--layer", "gold"), "--layer goes with --all"),
        (("--all",), "Name a destination: --to"),
    ],
)
def test_wrong_usage_says_what_to_type(export, words, message):
    result = export(*words)

    assert result.exit_code == 2 and message in result.stderr


@pytest.mark.parametrize("options", [[], ["--format", "csv"]])
def test_no_output_has_the_password_of_a_database(export, options):
    result = export(
        "--all", "--to", "postgresql://ann:canary-secret@127.0.0.1:1/shop", "--log-level", "debug", *options
    )

    assert result.exit_code == 1 and "postgresql://ann:***@127.0.0.1:1/shop" in result.stderr
    assert "canary-secret" not in result.output


def test_an_unknown_table_is_one_line_with_the_nearest_name(export, tmp_path):
    result = export("sale_daily", "--to", tmp_path / "out")

    assert result.exit_code == 1 and "Did you mean 'sales_daily'?" in result.stderr

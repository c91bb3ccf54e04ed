import json

from cli.conftest import shop_in


def test_a_lake_is_kept_well_table_by_table(shoplake, tmp_path):
    config = shop_in(tmp_path, shoplake)
    shoplake("run", "--config", config)

    done = json.loads(shoplake("maintain", "optimize", "--config", config, "--json").stdout)
    said = shoplake("maintain", "vacuum", "gold.sales_daily", "--config", config).stdout
    versions = json.loads(shoplake("maintain", "history", "sales_daily", "--config", config, "--json").stdout)
    back = shoplake(
        "maintain", "restore", "sales_daily", "--version", versions[-1]["version"], "--config", config
    ).stdout

    assert "silver.events" in done and "ops.table_runs" in done
    assert said == "0 files deleted in 1 table.\n"
    assert versions[-1]["version"] == 0 and versions[0]["version"] >= 1
    assert (
        "gold.sales_daily is again what it was at version 0." in back and "--full-refresh --select sales_daily" in back
    )


def test_what_is_not_there_is_said_with_what_is(shoplake, lake):
    unknown = shoplake("maintain", "history", "gold.sale_daily", "--config", lake)
    early = shoplake("maintain", "vacuum", "--days", 1, "--config", lake)

    assert unknown.exit_code == 1 and "Did you mean 'gold.sales_daily'?" in unknown.stderr
    assert early.exit_code == 2 and "x>=7" in early.stderr

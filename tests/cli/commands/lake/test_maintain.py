import json


def test_a_lake_is_maintained_table_by_table(shoplake, filled):
    config = filled

    compacted = json.loads(shoplake("maintain", "optimize", "--config", config, "--json").stdout)
    deleted = shoplake("maintain", "vacuum", "gold.sales_daily", "--config", config).stdout
    commits = json.loads(shoplake("maintain", "history", "sales_daily", "--config", config, "--json").stdout)
    first = commits[-1]["version"]
    restored = shoplake("maintain", "restore", "sales_daily", "--version", first, "--config", config).stdout

    assert "silver.events" in compacted and "ops.table_runs" in compacted
    assert deleted == "0 files deleted in 1 table.\n"
    assert commits[-1]["version"] == 0 and commits[0]["version"] >= 1
    assert "gold.sales_daily is restored to version 0." in restored
    assert "--full-refresh --select sales_daily" in restored


def test_an_unknown_table_and_a_short_retention_are_refused(shoplake, lake):
    unknown = shoplake("maintain", "history", "gold.sale_daily", "--config", lake)
    early = shoplake("maintain", "vacuum", "--days", 1, "--config", lake)

    assert unknown.exit_code == 1 and "Did you mean 'gold.sales_daily'?" in unknown.stderr
    assert early.exit_code == 2 and "x>=7" in early.stderr

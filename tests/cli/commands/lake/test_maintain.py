import json

import pytest


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


@pytest.mark.sample
def test_a_lake_is_restored_to_a_moment_and_a_dry_run_writes_nothing(shoplake, filled):
    planned = json.loads(
        shoplake("maintain", "restore", "--at", "2099-01-01T12:00", "--dry-run", "--config", filled, "--json").stdout
    )
    early = shoplake("maintain", "restore", "--at", "2020-01-01", "--config", filled)
    restored = shoplake("maintain", "restore", "--at", "2099-01-01T12:00+02:00", "--config", filled)

    assert planned["restored_to"] == "2099-01-01T12:00:00+00:00" and "silver.events" in planned["tables"]
    assert early.exit_code == 1 and "The lake has no rows of 2020-01-01" in early.stderr
    assert "Nothing to restore: no table has changed since 2099-01-01 10:00:00 UTC." in restored.stdout


def test_a_restore_needs_a_table_with_its_version_or_a_moment(shoplake, lake):
    wrong = [("events",), ("events", "--version", 1, "--at", "2026-01-01"), ("events", "--version", 1, "--dry-run")]
    failed = [shoplake("maintain", "restore", *words, "--config", lake) for words in wrong]
    unclear = shoplake("maintain", "restore", "--at", "yesterday", "--config", lake)

    assert [each.exit_code for each in (*failed, unclear)] == [2, 2, 2, 2]
    assert "'yesterday' is not a time. Write one such as 2026-03-29T14:00 (UTC)." in unclear.stderr

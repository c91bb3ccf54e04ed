import json


def test_a_sound_lake_is_well(shoplake, lake):
    result = shoplake("verify", "--config", lake)
    assert result.exit_code == 0
    assert result.stdout.startswith("All is well: ")


def test_a_lost_file_is_a_problem_and_exit_code_1(shoplake, shop):
    shoplake("run", "--config", shop)
    lost = next((shop.parent / "lake" / "silver" / "customers").rglob("*.parquet"))
    lost.unlink()
    result = shoplake("verify", "--config", shop)
    assert result.exit_code == 1
    first, last = result.stdout.splitlines()
    assert first.startswith("silver.customers: a data file is missing") and lost.name in first
    assert last == "1 problem in 1 table."
    said = json.loads(shoplake("verify", "--config", shop, "--json").stdout)
    assert [problem["table"] for problem in said["problems"]] == ["silver.customers"]


def test_a_lake_that_has_not_run_cannot_be_verified(shoplake, shop):
    result = shoplake("verify", "--config", shop)
    assert result.exit_code == 1
    assert "Create it: shoplake run" in result.stderr

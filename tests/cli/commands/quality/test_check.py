import json


def test_the_totals_of_shoplakes_own_tables_pass(shoplake, shared, first_run):
    result = shoplake("check", "--config", shared, "--json")

    status = {each["gate"]: each["status"] for each in json.loads(result.stdout)}
    assert (result.exit_code, set(status.values())) == (0, {"pass"})
    assert {"net_sales_of_order_lines", "all_events"} <= set(status)


def test_a_fresh_run_is_not_stale_and_an_old_one_is(shoplake, shared, first_run):
    assert shoplake("check", "--config", shared, "--stale", "1d").exit_code == 0
    result = shoplake("check", "--config", shared, "--stale", "1ms", "--json")

    assert (result.exit_code, json.loads(result.stdout)["is_stale"]) == (1, True)


def test_stale_and_a_table_are_wrong_usage(shoplake, tmp_path):
    result = shoplake("check", "silver.events", "--stale", "1d", "--config", tmp_path / "none.toml")

    assert (result.exit_code, "--stale looks at runs" in result.stderr) == (2, True)


def test_an_unknown_table_is_an_error_with_the_nearest_name(shoplake, shared, first_run):
    result = shoplake("check", "silver.event", "--config", shared)

    assert (result.exit_code, "silver.events" in result.stderr) == (1, True)

import json


def test_a_table_is_profiled_and_rules_are_proposed(shoplake, shared, first_run):
    result = shoplake("profile", "silver.events", "--propose", "--config", shared, "--json")

    found = json.loads(result.stdout)
    columns = {each["name"]: each for each in found["columns"]}
    assert (result.exit_code, found["rows"] > 0, columns["event_id"]["nulls"]) == (0, True, 0)
    assert any(each["code"].startswith("unique(") for each in found["proposals"])


def test_an_unknown_table_is_an_error_with_the_nearest_name(shoplake, shared, first_run):
    result = shoplake("profile", "silver.event", "--config", shared)

    assert (result.exit_code, "silver.events" in result.stderr) == (1, True)


def test_no_rules_are_proposed_for_a_table_that_takes_none(shoplake, shared, first_run):
    result = shoplake("profile", "ops.table_runs", "--propose", "--config", shared)

    assert (result.exit_code, "Leave out --propose" in result.stderr) == (1, True)

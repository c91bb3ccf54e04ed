import json


def test_quality_of_a_run_is_the_report_of_that_run(shoplake, lake):
    latest = json.loads(shoplake("quality", "--config", lake, "--json").stdout)
    [events] = [table for table in latest if table["table"] == "silver.events"]
    run = json.loads(shoplake("quality", "--run", events["run_id"], "--config", lake, "--json").stdout)
    assert events in run
    assert {table["run_id"] for table in run} == {events["run_id"]}


def test_verify_of_a_sound_lake_ends_with_exit_code_0(shoplake, lake):
    result = shoplake("verify", "--config", lake, "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"]) == (0, [])

import json


def test_a_lake_without_joined_records_has_none_that_wait(shoplake_of_files, shop):
    assert shoplake_of_files("run", "--config", shop).exit_code == 0

    shown = shoplake_of_files("quarantine", "waiting", "--config", shop)
    as_json = shoplake_of_files("quarantine", "waiting", "--config", shop, "--json")
    unknown = shoplake_of_files("quarantine", "waiting", "silver.nothing", "--config", shop)

    assert (shown.stdout, json.loads(as_json.stdout)) == ("No record waits for another.\n", [])
    assert (unknown.exit_code, "silver.nothing" in unknown.stderr) == (1, True)

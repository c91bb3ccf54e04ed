import json


def test_the_files_of_every_table_are_listed_and_a_plan_writes_nothing(shoplake, lake):
    listed = json.loads(shoplake("maintain", "status", "--config", lake, "--json").stdout)
    planned = shoplake("maintain", "auto", "--dry-run", "--config", lake)
    again = json.loads(shoplake("maintain", "status", "--config", lake, "--json").stdout)

    assert {"silver.events", "ops.table_runs"} <= {each["table"] for each in listed}
    assert planned.exit_code == 0
    assert {each["table"]: each["version"] for each in again} == {each["table"]: each["version"] for each in listed}


def test_a_lake_is_maintained_as_its_settings_say(shoplake, filled):
    filled.write_text(filled.read_text() + '\n[maintenance]\nkeep_versions = "14 days"\nat_most = "5s"\n')

    done = json.loads(shoplake("maintain", "auto", "--config", filled, "--json").stdout)

    assert set(done) == {"done", "left", "expired", "duration_s"}


def test_a_setting_that_does_not_exist_is_refused_with_the_nearest(shoplake, filled):
    filled.write_text(filled.read_text() + '\n[maintenance]\nkeep_version = "14 days"\n')

    failed = shoplake("maintain", "auto", "--config", filled)

    assert failed.exit_code == 1 and "Did you mean 'keep_versions'?" in failed.stderr


def test_a_lake_without_retention_has_no_expired_rows(shoplake, filled):
    assert shoplake("maintain", "expire", "--dry-run", "--config", filled).stdout == "0 expired rows to be deleted.\n"
    assert shoplake("maintain", "expire", "--landing", "--config", filled).stdout == "0 expired rows deleted.\n"

import json

import pytest

from shoplake.operations.definitions.current_definitions import CurrentDefinitions


@pytest.fixture(scope="module")
def paris(tmp_path_factory, copy_lake):
    """A lake that was filled with the feed's time zone in London; now it is in Paris."""
    config = copy_lake(tmp_path_factory.mktemp("paris"))
    config.write_text(config.read_text().replace("Europe/London", "Europe/Paris"))
    return config


def test_a_lake_that_is_as_its_code_says_has_nothing_to_apply(shoplake, lake):
    result = shoplake("plan", "--config", lake)

    assert (result.exit_code, result.stdout) == (0, "All tables match the code and settings.\n")


def test_tables_are_compared_only_where_sources_or_settings_changed(shoplake, lake, paris, monkeypatch):
    def fail(*_):
        raise AssertionError("compared")

    monkeypatch.setattr(CurrentDefinitions, "read", fail)

    assert shoplake("plan", "--config", lake).exit_code == 0
    with pytest.raises(AssertionError, match="compared"):
        shoplake("plan", "--config", paris)


def test_the_plan_of_a_lake_that_is_not_there_names_the_run_that_builds_it(shoplake, tmp_path):
    config = tmp_path / "shoplake.toml"
    shoplake("init", "--config", config, "--path", tmp_path, "--timezone", "UTC", "--currency", "EUR")

    result = shoplake("plan", "--config", config)

    assert (result.exit_code, result.stdout.splitlines()[-1].split()[-3:]) == (2, ["run", "--config", str(config)])


def test_a_plan_without_settings_names_the_command_that_writes_them(shoplake, tmp_path):
    result = shoplake("plan", "--config", tmp_path / "shoplake.toml")

    assert (result.exit_code, "shoplake init" in result.stderr) == (1, True)


def test_a_changed_time_zone_is_planned_with_exit_code_2(shoplake, paris):
    result = shoplake("plan", "--config", paris)

    assert result.exit_code == 2
    line = next(line for line in result.stdout.splitlines() if "silver.events " in line)
    assert line.startswith("!") and "time zone of feed shop" in line and "rebuild" in line
    assert "Europe/London → Europe/Paris" in " ".join(result.stdout.split()) and "shoplake apply" in result.stdout


def test_the_plan_is_json_for_a_program(shoplake, paris):
    found = json.loads(shoplake("plan", "--json", "--config", paris).stdout)

    events = next(each for each in found["changes"] if each["table"] == "silver.events")
    assert found["has_changes"] and events["action"] == "rebuild" and events["is_breaking"]


def test_a_detail_names_what_differs_in_a_definition(shoplake, paris):
    result = shoplake("plan", "--detail", "events", "--config", paris)

    assert "plan_hash" in result.stdout and "Europe/Paris" in result.stdout


def test_a_run_with_a_change_to_apply_ends_with_4_and_the_line_to_type(shoplake, paris):
    result = shoplake("run", "--config", paris)

    assert result.exit_code == 4
    assert "silver.events" in result.stderr and "shoplake apply" in result.stderr


def test_apply_without_a_terminal_asks_for_yes(shoplake, paris):
    result = shoplake("apply", "--config", paris)

    assert result.exit_code == 2 and "--yes" in result.stderr


@pytest.mark.slow
def test_after_apply_there_is_nothing_to_plan_and_a_run_is_let_through(shoplake, filled):
    config = filled
    config.write_text(config.read_text().replace("Europe/London", "Europe/Paris"))

    applied = shoplake("apply", "--yes", "--config", config)

    assert applied.exit_code == 0 and "Applied:" in applied.stdout
    assert shoplake("plan", "--config", config).exit_code == 0
    assert shoplake("run", "--config", config).exit_code == 0
    assert shoplake("verify", "--config", config).exit_code == 0

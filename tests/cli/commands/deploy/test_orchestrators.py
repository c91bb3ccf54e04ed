import json

import pytest

FILES = {
    "dagster": ["definitions.py"],
    "airflow": ["shoplake_shop_daily.py"],
    "systemd": [
        "shoplake-shop.service",
        "shoplake-shop.timer",
        "shoplake-shop-late.service",
        "shoplake-shop-late.timer",
    ],
    "cron": ["shoplake-shop.sh", "crontab"],
}


@pytest.fixture(scope="module")
def config(tmp_path_factory, shoplake):
    """The settings of a shop without files."""
    path = tmp_path_factory.mktemp("deploy") / "shop" / "shoplake.toml"
    assert shoplake("init", "--config", path, "--timezone", "Europe/London", "--currency", "GBP").exit_code == 0
    return path


@pytest.mark.parametrize("name", FILES)
def test_each_orchestrator_has_its_files_and_what_to_type_next(shoplake, config, tmp_path, name):
    done = shoplake("deploy", name, "--config", config, "--out", tmp_path, "--json")

    result = json.loads(done.output)
    assert result["files"] == [str(tmp_path / file) for file in FILES[name]]
    assert all((tmp_path / file).is_file() for file in FILES[name])
    assert result["next_steps"]


def test_files_can_be_written_anew(shoplake, config, tmp_path):
    words = ("deploy", "systemd", "--config", config, "--out", tmp_path)
    shoplake(*words)

    assert shoplake(*words, "--at", "04:15").exit_code == 0
    assert "04:15:00 Europe/London" in (tmp_path / "shoplake-shop.timer").read_text()


def test_a_zone_that_does_not_exist_is_wrong_usage(shoplake, config, tmp_path):
    done = shoplake("deploy", "cron", "--config", config, "--out", tmp_path, "--timezone", "Europe/Londn")

    assert done.exit_code == 2
    assert "'Europe/Londn' is no time zone" in done.output


def test_a_time_that_is_none_is_an_error_that_quotes_it(shoplake, config, tmp_path):
    done = shoplake("deploy", "cron", "--config", config, "--out", tmp_path, "--at", "3am")

    assert done.exit_code == 1
    assert "'3am' is not a time of the day" in done.output

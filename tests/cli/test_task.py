import importlib.metadata
import os

import pytest

from shoplake.cli.task import PLACES, TaskFailedError


@pytest.fixture
def task(monkeypatch):
    """Calls the entry point that the metadata of the package names, as a job does."""
    [entry_point] = [
        each for each in importlib.metadata.distribution("shoplake").entry_points if each.name == "shoplake-task"
    ]
    for name in PLACES.values():
        monkeypatch.setenv(name, "")

    def call(*words):
        monkeypatch.setattr("sys.argv", ["shoplake-task", *map(str, words)])
        return entry_point.load()()

    return call


def test_a_task_returns_and_leaves_the_process_alone(task, capsys):
    assert task("schema") is None
    assert "orders" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["run", "--config", "none.toml"], "There is no none.toml"),
        (["run", "--start", "yesterday"], "'yesterday' is not a day"),
        (["rum"], "Did you mean 'run'"),
    ],
)
def test_a_task_that_fails_raises_with_command_and_reason(task, words, reason):
    with pytest.raises(TaskFailedError, match=reason) as raised:
        task(*words)
    assert f"shoplake {' '.join(words)}" in str(raised.value)


def test_a_task_whose_command_ends_with_an_exit_code_raises(task, tmp_path):
    (tmp_path / "events.csv").write_text("no file of Retailrocket\n")
    with pytest.raises(TaskFailedError, match="ended with exit code 1"):
        task("verify-source", "retailrocket", tmp_path)


def test_the_options_of_a_task_say_where_the_lake_is(task):
    task("--lake", "/Volumes/ops", "--catalog", "shop", "--landing", "/Volumes/files", "schema", "orders")

    assert [os.environ[name] for name in PLACES.values()] == ["/Volumes/ops", "shop", "/Volumes/files"]


def test_rows_simulate_the_files_that_the_run_takes_in(task, tmp_path, capsys):
    config = tmp_path / "shoplake.toml"
    config.write_text('[feeds.shop]\nkind = "zenith"\npath = "shop"\ntimezone = "Europe/London"\ncurrency = "GBP"\n')

    task("--landing", tmp_path / "files", "--rows", 300, "run", "--layer", "bronze", "--config", config, "--dry-run")

    assert (tmp_path / "files/shop/events").is_dir()
    assert "bronze.events_raw" in capsys.readouterr().out


def test_rows_of_a_kind_that_nothing_simulates_are_refused(task, tmp_path):
    config = tmp_path / "shoplake.toml"
    config.write_text('[feeds.shop]\nkind = "segment"\npath = "shop"\ntimezone = "UTC"\ncurrency = "GBP"\n')

    with pytest.raises(TaskFailedError, match=r"this lake has none\. Leave --rows out"):
        task("--rows", 300, "run", "--config", config)

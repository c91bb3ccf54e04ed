"""The notebooks run as Databricks runs them: with widgets, and without a session of their own."""

import re

import pytest

from shoplake.cli import task


class Widgets:
    """The widgets of a notebook, whose values a job gives."""

    def __init__(self, given):
        self.values = dict(given)

    def text(self, name, default, label=""):
        self.values.setdefault(name, default)

    def get(self, name):
        return self.values[name]


class Dbutils:
    def __init__(self, given):
        self.widgets, self.library = Widgets(given), self

    def restartPython(self):
        pass


@pytest.fixture
def run_notebook(bundle, monkeypatch):
    """Runs a notebook and returns the words of the task that it ran."""
    called = []
    monkeypatch.setattr(task, "_run", lambda words: called.append(list(words)))
    monkeypatch.setattr(task, "_generate_words", lambda rows, words: ["generate", str(rows)])
    for name in task.PLACES.values():
        monkeypatch.setenv(name, "")

    def run(name, **given):
        text = (bundle / f"notebooks/{name}.py").read_text()
        exec(re.sub(r"(?m)^# MAGIC.*$", "", text), {"dbutils": Dbutils(given), "__name__": "__main__"})
        return called

    return run


def test_the_first_simulates_rows_and_takes_in_files(run_notebook):
    assert run_notebook("01_generate_bronze", rows="20000", catalog="shop", landing="/l", lake="/c") == [
        ["generate", "20000"],
        ["run", "--layer", "bronze", "--config", "../shoplake.toml"],
    ]


@pytest.mark.parametrize(("name", "layer"), [("02_bronze_to_silver", "silver"), ("03_silver_to_gold", "gold")])
def test_the_others_update_a_layer(run_notebook, name, layer):
    assert run_notebook(name, rows="20000") == [["run", "--layer", layer, "--config", "../shoplake.toml"]]


def test_the_environment_is_schemas_and_volumes_in_the_catalog(bundle):
    made = []
    spark = type("Spark", (), {"sql": lambda self, text: made.append(text)})()
    text = re.sub(r"(?m)^# MAGIC.*$", "", (bundle / "notebooks/00_environment_setup.py").read_text())

    exec(text, {"dbutils": Dbutils({"catalog": "shop"}), "spark": spark})

    assert made[1] == "CREATE VOLUME IF NOT EXISTS `shop`.`landing`.`files`" and len(made) == 4

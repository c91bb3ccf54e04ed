import json

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main

EXERCISE = "    raise NotImplementedError"


def test_the_list_has_each_lesson_with_its_progress(lab):
    lab("start", "03")

    lessons = json.loads(lab("", "--json").stdout)

    assert [each["lesson"] for each in lessons] == sorted(each["lesson"] for each in lessons)
    assert {each["lesson"]: each["state"] for each in lessons if each["state"] != "-"} == {"03": "started"}


def test_a_started_lesson_has_no_solution_and_its_support(lab, work):
    assert "shoplake lab check 05" in lab("start", "5").stdout

    text = (work.path / "05_what_did_they_look_at.py").read_text()
    assert EXERCISE in text and "solution" not in text and "mistake" not in text
    assert (work.path / "support.py").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("start", "99"), "Unknown lesson '99'. There are: 00_what_is_in_my_folder"),
        (("check", "02"), "Start it: shoplake lab start 02"),
    ],
)
def test_a_wrong_number_and_a_lesson_not_started_say_what_to_do(lab, words, message):
    result = lab(*words)

    assert (result.exit_code, message in " ".join(result.stderr.split())) == (1, True)


def test_an_export_has_a_notebook_of_each_lesson_without_solutions(tmp_path):
    for name in ("databricks", "ipynb"):
        words = ["lab", "export", "--to", str(tmp_path / name), "--format", name]
        assert CliRunner().invoke(main, words).exit_code == 0

    source = (tmp_path / "databricks" / "05_what_did_they_look_at.py").read_text()
    notebooks = {file.stem for file in (tmp_path / "ipynb").glob("*.ipynb")}
    assert source.startswith("# Databricks notebook source\n# MAGIC %md\n") and "def solution" not in source
    assert {"environment_setup", "data_generator", "ELT", "05_what_did_they_look_at"} <= notebooks
    assert notebooks | {"support"} == {file.stem for file in (tmp_path / "databricks").iterdir()}

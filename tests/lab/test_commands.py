import json

import pytest
from click.testing import CliRunner

from shoplake.cli.lab.cells import percent_cells, to_notebook
from shoplake.cli.lab.lesson import LabNotFoundError, find_lab, find_lesson
from shoplake.cli.lab.play import NO_ANSWER
from shoplake.cli.main import main

EXERCISE = "    raise NotImplementedError"


@pytest.fixture
def lab(work):
    """The command `lab`, in the work folder of the lessons' tests."""

    def call(name, *words):
        result = CliRunner().invoke(main, ["lab", *name.split(), *words, "--folder", str(work.path)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    for file in [*work.path.glob("0*"), *work.path.glob("progress.json")]:
        file.unlink()
    return call


def answered(work, by):
    """A learner's copy of lesson 00 whose answer calls a function of the lesson, such as its solution."""
    lesson = find_lesson(work.lab, "00")
    [code] = [cell.source for cell in lesson.cells if f"def {by}(" in cell.source]
    solution = "" if by == "solution" else lesson.tagged("solution")[0].source
    file = work.path / f"{lesson.name}.py"
    file.write_text(file.read_text().replace(EXERCISE, f"    return {by}(landing)\n\n\n{solution}\n\n\n{code}"))
    return file


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


def test_a_copy_that_exists_is_kept(lab, work):
    lab("start", "00")
    file = work.path / "00_what_is_in_my_folder.py"
    file.write_text("mine")

    assert "Kept your copy" in lab("start", "00").stdout
    assert file.read_text() == "mine"


def test_a_lesson_without_an_answer_is_not_passed(lab):
    lab("start", "00")

    result = lab("check", "00")

    assert (result.exit_code, NO_ANSWER in result.stdout) == (1, True)


def test_a_right_answer_passes_and_is_remembered(lab, work):
    lab("start", "00")
    answered(work, "solution")

    assert lab("check", "00").stdout == "Lesson 00: right.\n"
    assert "passed_at" in work.progress()["00"] and work.progress()["00"]["attempts"] == 1


def test_a_mistake_is_named(lab, work):
    lab("start", "00")
    answered(work, "mistake_counts_headers")

    result = json.loads(lab("check", "00", "--json").stdout)

    assert result["hint"] == "You counted the header of each CSV file as a customer."


def test_an_answer_in_a_notebook_is_checked_too(lab, work):
    lab("start", "00")
    file = answered(work, "solution")
    lab("start", "00", "--format", "ipynb")
    file.with_suffix(".ipynb").write_text(to_notebook(percent_cells(file.read_text())))
    file.unlink()

    assert lab("check", "00").exit_code == 0


def test_an_error_in_an_answer_has_its_line(lab, work):
    lab("start", "00")
    file = work.path / "00_what_is_in_my_folder.py"
    file.write_text(file.read_text().replace(EXERCISE, "    return {}['events']"))
    [line] = [at for at, text in enumerate(file.read_text().splitlines(), 1) if "return {}" in text]

    assert f"KeyError: 'events' (line {line})" in lab("check", "00").stdout


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


def test_outside_a_checkout_the_line_to_type_is_said(tmp_path):
    with pytest.raises(LabNotFoundError, match="Type: git clone .* && uv run shoplake lab"):
        find_lab(tmp_path / "any")


def test_an_export_has_a_notebook_of_each_lesson_without_solutions(tmp_path):
    for name in ("databricks", "ipynb"):
        words = ["lab", "export", "--to", str(tmp_path / name), "--format", name]
        assert CliRunner().invoke(main, words).exit_code == 0

    source = (tmp_path / "databricks" / "05_what_did_they_look_at.py").read_text()
    notebooks = {file.stem for file in (tmp_path / "ipynb").glob("*.ipynb")}
    assert source.startswith("# Databricks notebook source\n# MAGIC %md\n") and "def solution" not in source
    assert {"environment_setup", "data_generator", "ELT", "05_what_did_they_look_at"} <= notebooks
    assert notebooks | {"support"} == {file.stem for file in (tmp_path / "databricks").iterdir()}

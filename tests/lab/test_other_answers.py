"""Answers that learners give beside the solution and the two mistakes of each lesson: those in `answers/`."""

import ast
from pathlib import Path

import pytest

from shoplake.cli.lab.lesson import find_lab, find_lesson
from shoplake.cli.lab.play import check_answer

FILES = sorted((Path(__file__).parent / "answers").glob("*.py"))
ON_SPARK = (pytest.mark.slow, pytest.mark.spark)


def each_answer(kind):
    """Runs a test once for each answer of a kind, `right` or `wrong`; those of lessons for Spark alone are slow."""
    answers = [(file, node.name) for file in FILES for node in ast.parse(file.read_text()).body[1:]]
    chosen = [(file, name) for file, name in answers if name.startswith(kind)]
    return pytest.mark.parametrize(
        ("file", "name"),
        [
            pytest.param(file, name, id=f"{file.stem}-{name}", marks=() if on_sail(file.stem) else ON_SPARK)
            for file, name in chosen
        ],
    )


def on_sail(number):
    return "sail" in find_lesson(find_lab(), number).engines


@pytest.fixture
def checked(played):
    """Return a function that checks an answer, whose code sees the names of its lesson."""

    def check(file, name):
        names = dict(played(find_lesson(find_lab(), file.stem)))
        exec(compile(file.read_text(), file, "exec"), names)
        return check_answer(names["check"], names[name]), names[name].__doc__

    return check


@each_answer("right")
def test_a_right_answer_in_another_form_passes(checked, file, name):
    result, _ = checked(file, name)

    assert result.has_passed, result.hint


@each_answer("wrong")
def test_a_wrong_answer_is_refused_for_its_own_reason(checked, file, name):
    result, hint = checked(file, name)

    assert hint and hint in result.hint

import ast
import contextlib
import io
import re

import pytest

from shoplake.cli.lab.lesson import find_lab, list_lessons
from shoplake.cli.lab.play import NO_ANSWER, check_answer, play

LESSONS = list_lessons(find_lab())
PARTS = ["question", "wrong", "evidence", "right", "question", "exercise", "solution", "mistake", "mistake", "check"]
FUNCTION = re.compile(r"^def ((?:solution|mistake)\w*)", re.MULTILINE)


def each_lesson(of=lambda lesson: True):
    """Runs a test once for each lesson; those for Spark alone are slow."""
    marks = [pytest.mark.slow, pytest.mark.spark]
    some = [lesson for lesson in LESSONS if of(lesson)]
    return pytest.mark.parametrize(
        "lesson",
        [pytest.param(each, marks=() if "sail" in each.engines else marks, id=each.number) for each in some],
    )


def function_of(cell, names):
    """The solution or mistake that a cell defines."""
    [name] = FUNCTION.findall(cell.source)
    return names[name]


@each_lesson()
def test_a_lesson_without_its_solution_fails(played, lesson):
    names = played(lesson)

    assert check_answer(names["check"], names["answer"]).hint == NO_ANSWER


@each_lesson()
def test_a_lesson_with_its_solution_passes(played, lesson):
    names = played(lesson)
    [solution] = lesson.tagged("solution")

    result = check_answer(names["check"], function_of(solution, names))

    assert result.has_passed, result.hint


@each_lesson()
def test_each_mistake_is_refused_with_its_hint(played, lesson):
    names = played(lesson)
    mistakes = lesson.tagged("mistake")

    hints = [check_answer(names["check"], function_of(each, names)).hint for each in mistakes]

    assert all(each.options["hint"] in hint for each, hint in zip(mistakes, hints, strict=True)), hints
    assert len(set(hints)) == len(hints) == 2


@pytest.mark.slow
@pytest.mark.spark
@each_lesson(lambda lesson: "sail" in lesson.engines)
def test_a_lesson_of_both_engines_is_the_same_on_spark(work, spark_server, monkeypatch, lesson):
    monkeypatch.setenv("SHOPLAKE_LAB_ENGINE", "spark")
    with contextlib.redirect_stdout(io.StringIO()):
        names = play(lesson.cells, lesson.file)
    cells = [*lesson.tagged("solution"), *lesson.tagged("mistake")]

    results = [check_answer(names["check"], function_of(each, names)) for each in cells]

    assert results[0].has_passed, results[0].hint
    assert all(each.options["hint"] in result.hint for each, result in zip(cells[1:], results[1:], strict=True)), (
        results
    )


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_a_lesson_has_all_parts_in_order(lesson):
    tags = [tag for cell in lesson.cells for tag in cell.tags]

    assert list(dict.fromkeys(tags)) == list(dict.fromkeys(PARTS))
    assert len(lesson.tagged("mistake")) == 2


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_a_check_needs_nothing_that_a_learner_does_not_have(lesson):
    hidden = [*lesson.tagged("solution"), *lesson.tagged("mistake")]
    defined = {node.name for cell in hidden for node in ast.parse(cell.source).body}
    checks = [node for cell in lesson.tagged("check") for node in ast.walk(ast.parse(cell.source))]

    assert "solution" in defined and defined.isdisjoint(node.id for node in checks if isinstance(node, ast.Name))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_a_lesson_says_at_the_top_what_it_is_for(lesson):
    assert lesson.cells[0].source.startswith(f"# {lesson.number} {lesson.title}")
    assert set(lesson.engines) <= {"sail", "spark"}
    assert "spark" in lesson.engines
    assert 20 <= lesson.minutes <= 40
    assert lesson.facts["You learn"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_the_evidence_of_a_lesson_is_asserted(lesson):
    assert any("assert " in cell.source for cell in lesson.tagged("evidence"))

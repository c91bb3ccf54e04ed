import json

from shoplake.cli.lab.cells import percent_cells, to_notebook
from shoplake.cli.lab.lesson import find_lesson
from shoplake.cli.lab.play import NO_ANSWER, NOTHING_RETURNED, OTHER_KIND, check_answer

EXERCISE = "    raise NotImplementedError"


def answered(work, by):
    """A learner's copy of lesson 00 whose answer calls a function of the lesson, such as its solution."""
    lesson = find_lesson(work.lab, "00")
    [code] = [cell.source for cell in lesson.cells if f"def {by}(" in cell.source]
    solution = "" if by == "solution" else lesson.tagged("solution")[0].source
    file = work.path / f"{lesson.name}.py"
    file.write_text(file.read_text().replace(EXERCISE, f"    return {by}(landing)\n\n\n{solution}\n\n\n{code}"))
    return file


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


def test_an_answer_without_return_is_told_so():
    result = check_answer(lambda answer: answer(1).collect(), lambda rows: None)

    assert (result.has_passed, result.hint) == (False, NOTHING_RETURNED)


def test_an_answer_of_another_kind_is_told_so():
    result = check_answer(lambda answer: answer(1).collect(), lambda rows: [rows])

    assert (result.has_passed, result.hint) == (False, OTHER_KIND.format("list"))


def test_an_answer_that_has_nothing_to_return_passes():
    assert check_answer(lambda answer: answer(1), lambda rows: None).has_passed


def test_a_hint_has_no_stack_of_java():
    def answer():
        raise ValueError("[NO_WATERMARK] append needs one.\n\nJVM stacktrace:\norg.apache.spark.sql.AnalysisException")

    assert check_answer(lambda answer: answer(), answer).hint == "ValueError: [NO_WATERMARK] append needs one."

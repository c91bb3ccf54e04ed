"""Runs a lesson and checks answers, in this process."""

from __future__ import annotations

import contextlib
import io
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.lab.cells import Cell, read_cells
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from shoplake.cli.lab.lesson import Lesson
    from shoplake.cli.lab.work_folder import WorkFolder

MAX_ERROR = 500
"""Characters of an error that are shown."""
STACK = "JVM stacktrace:"
"""What Spark's messages have before pages of Java."""
NO_ANSWER = "There is no answer yet. Write one in the exercise's cell."
NOTHING_RETURNED = "answer returned nothing. End it with `return`."
OTHER_KIND = "answer returned a {}, which the check cannot read. What does the exercise ask for?"


class LessonFileError(ShoplakeError):
    """The learner's file cannot be run, or has no answer."""


@dataclass(frozen=True)
class CheckResult:
    """Whether an answer is right, and the hint where it is not."""

    has_passed: bool
    hint: str = ""


def play(cells: Iterable[Cell], file: Path) -> dict[str, Any]:
    """Run cells in order and return their names; errors name the file and its line."""
    names: dict[str, Any] = {"__name__": "lesson", "__file__": str(file)}
    for cell in cells:
        if not cell.is_markdown:
            exec(compile("\n" * (cell.line - 1) + cell.source, str(file), "exec"), names)  # nosec B102
    return names


def check_answer(check: Callable[..., None], answer: Callable[..., Any], file: Path | None = None) -> CheckResult:
    """Check one answer. An error of the answer itself is the hint, with its line in `file`."""
    returned: list[Any] = []

    def watched(*arguments: Any) -> Any:
        returned.append(answer(*arguments))
        return returned[-1]

    try:
        check(watched)
    except NotImplementedError:
        return CheckResult(False, NO_ANSWER)
    except Exception as error:
        if returned and returned[-1] is None and "NoneType" in str(error):
            return CheckResult(False, NOTHING_RETURNED)
        if type(error).__name__ == "WrongAnswerError":
            return CheckResult(False, str(error))
        if returned and isinstance(error, AttributeError) and error.obj is returned[-1]:
            return CheckResult(False, OTHER_KIND.format(type(error.obj).__name__))
        return CheckResult(False, _described(error, file))
    return CheckResult(True)


def check_lesson(folder: WorkFolder, lesson: Lesson, file: Path) -> CheckResult:
    """Run the learner's file, and check its answer with the lesson's own check; the result is recorded.

    Raises LessonFileError where the file cannot be run or defines no `answer`.
    """
    with folder.support():
        with contextlib.redirect_stdout(io.StringIO()):
            answer = _answer_in(file)
            check = play(lesson.cells, lesson.file)["check"]
        result = check_answer(check, answer, file)
    folder.record_attempt(lesson, has_passed=result.has_passed)
    return result


def _answer_in(file: Path) -> Callable[..., Any]:
    try:
        names = play([cell for cell in read_cells(file) if "check" not in cell.tags], file)
    except Exception as error:
        raise LessonFileError(f"{file.name} cannot be run: {_described(error, file)}") from error
    answer = names.get("answer")
    if not callable(answer):
        raise LessonFileError(f"{file.name} has no function `answer`. Write it in the exercise's cell.")
    return answer  # type: ignore[no-any-return]


def _described(error: Exception, file: Path | None) -> str:
    """Return the error as one line, with the last line of the file that it went through."""
    lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == str(file)]
    place = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {' '.join(str(error).split(STACK)[0].split())[:MAX_ERROR]}{place}"

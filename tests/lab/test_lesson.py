import pytest

from shoplake.cli.lab.lesson import LabNotFoundError, Lesson, UnknownLessonError, find_lab, find_lesson


def test_outside_a_checkout_the_line_to_type_is_said(tmp_path):
    with pytest.raises(LabNotFoundError, match=r"Type: git clone .* && uv run shoplake lab"):
        find_lab(tmp_path / "any")


def test_a_lesson_says_its_title_engines_minutes_and_objectives(tmp_path):
    file = tmp_path / "07_late.py"
    file.write_text(
        "# %% [markdown]\n# # 07 Late?\n#\n# - **Engines:** spark\n# - **Minutes:** 25\n"
        "# - **Exam objectives:** 5.3, 5.4\n"
    )

    lesson = Lesson(file)

    facts = (lesson.number, lesson.title, lesson.engines, lesson.minutes, lesson.objectives)
    assert facts == ("07", "Late?", ("spark",), 25, ("5.3", "5.4"))


@pytest.mark.parametrize("given", ["5", "05", "05_what_did_they_look_at", "lab/05_what_did_they_look_at.py"])
def test_a_lesson_is_found_by_its_number_and_by_its_name(given):
    assert find_lesson(find_lab(), given).number == "05"


def test_an_unknown_lesson_has_the_nearest_name():
    with pytest.raises(UnknownLessonError, match=r"Did you mean .05_what_did_they_look_at"):
        find_lesson(find_lab(), "05_what_did_they_look")

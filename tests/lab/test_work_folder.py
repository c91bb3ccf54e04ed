import pytest

from shoplake.cli.lab.lesson import find_lab, find_lesson
from shoplake.cli.lab.work_folder import ProgressError, WorkFolder


def test_a_copy_that_exists_is_kept(lab, work):
    lab("start", "00")
    file = work.path / "00_what_is_in_my_folder.py"
    file.write_text("mine")

    assert "Kept your copy" in lab("start", "00").stdout
    assert file.read_text() == "mine"


def test_an_attempt_keeps_when_a_lesson_was_passed_first(tmp_path):
    folder = WorkFolder(tmp_path, find_lab())
    lesson = find_lesson(folder.lab, "00")

    for has_passed in (False, True, False):
        folder.record_attempt(lesson, has_passed=has_passed)

    assert folder.progress()["00"]["attempts"] == 3 and "passed_at" in folder.progress()["00"]


def test_progress_that_is_no_json_says_what_to_do(tmp_path):
    (tmp_path / "progress.json").write_text("{")

    with pytest.raises(ProgressError, match=r"progress\.json is not JSON\. Correct it, or delete it"):
        WorkFolder(tmp_path, find_lab()).progress()

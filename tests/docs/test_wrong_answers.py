"""The page of wrong answers names the tests of each."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \|.*\|(.*)\|$", re.MULTILINE)
ROWS = {
    int(number): re.findall(r"`(tests/\S+)`", files)
    for number, files in ROW.findall((ROOT / "docs/concepts/wrong-answers.md").read_text(encoding="utf-8"))
}


def test_the_page_has_the_twelve_wrong_answers():
    assert sorted(ROWS) == list(range(1, 13))


@pytest.mark.parametrize("number", range(1, 11))
def test_the_files_of_a_wrong_answer_have_tests_with_its_number(number):
    files = ROWS[number]

    assert files
    assert [file for file in files if f"def test_wrong_answer_{number}_" not in (ROOT / file).read_text("utf-8")] == []


def test_every_test_of_a_wrong_answer_is_on_the_page():
    tests = {
        (int(number), file.relative_to(ROOT).as_posix())
        for file in (ROOT / "tests").rglob("test_*.py")
        for number in re.findall(r"^def test_wrong_answer_(\d+)_", file.read_text("utf-8"), re.MULTILINE)
    }

    assert [(number, file) for number, file in sorted(tests) if number <= 10 and file not in ROWS[number]] == []

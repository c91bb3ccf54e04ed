"""Workbooks with several sheets: no sheet of records is left out without a word."""

import pytest
from sample_files import lines, problems, read, write_workbook

FIELDS = {"fields": ("id", "price")}
JANUARY = [["Id", "price"], ["1", 5], [], ["2", 6]]
FEBRUARY = [["id", "price", "note"], ["3", 7, "x"]]


def test_a_sheet_with_the_columns_of_the_first_is_a_problem_of_its_own(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", jan=JANUARY, feb=FEBRUARY, empty=[], rates=[["code", "rate"], ["a", 1]])

    rows = read(path, "xlsx", **FIELDS)

    assert [(row["line"], row["raw"], row["problem"]) for row in rows] == [
        (2, "1,5", None),
        (4, "2,6", None),
        (1, "feb", "sheet_not_read"),
    ]


@pytest.mark.parametrize("other", [[["id"], ["1"]], [["id", "price"]], [["1", "5"], ["id", "price"]]])
def test_another_sheet_is_none_of_records(tmp_path, other):
    path = write_workbook(tmp_path / "f.xlsx", jan=JANUARY, other=other)

    assert problems(path, "xlsx", **FIELDS) == {}


def test_a_named_sheet_has_no_others(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", jan=JANUARY, feb=FEBRUARY)

    assert problems(path, "xlsx", sheet="jan", **FIELDS) == {}


@pytest.mark.parametrize("pattern", ["*", "*b*"])
def test_sheets_of_a_pattern_are_read_each_with_its_header_and_their_rows_count_on(tmp_path, pattern):
    path = write_workbook(tmp_path / "f.xlsx", jan_b=JANUARY, feb=FEBRUARY)

    rows = read(path, "xlsx", sheet=pattern, **FIELDS)

    assert [(row["line"], row["header"], row["raw"]) for row in rows] == [
        (2, "id,price", "1,5"),
        (4, "id,price", "2,6"),
        (6, "id,price,note", "3,7,x"),
    ]


def test_a_pattern_of_no_sheet_is_a_problem(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", jan=JANUARY, feb=FEBRUARY)

    assert problems(path, "xlsx", sheet="2026*", **FIELDS) == {1: "sheet_not_found"}
    assert lines(path, "xlsx", sheet="2026*", **FIELDS) == [(1, "jan,feb")]

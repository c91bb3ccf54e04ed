import pytest
from sample_files import lines, problems, read, write_workbook

FIELDS = {"fields": ("id", "total")}
SEMICOLONS = {"fields": ("id", "total"), "delimiter": ";", "numbers": ("total",), "decimal": ","}


def test_a_record_with_two_texts_for_one_field_has_a_problem(file):
    path = file("id,total,total\n1,5,5\n2,5,6\n3,,7\n4,8, 8\n5,9\n")

    assert problems(path, "csv", **FIELDS) == {3: "duplicate_columns", 4: "duplicate_columns"}


def test_two_spellings_of_one_number_are_one_text(file):
    path = file("id;total;total\n1;1.000,50;1000,50\n")

    assert lines(path, "csv", **SEMICOLONS) == [(2, "1,1000.50,1000.50")]
    assert problems(path, "csv", **SEMICOLONS) == {}


def test_columns_of_no_field_may_have_one_name(file):
    assert problems(file("id,note,note,,\n1,a,b,c,d\n"), "csv", **FIELDS) == {}


def test_without_declared_fields_each_column_counts(file):
    assert problems(file("id,note,note,,\n1,a,b,c,d\n"), "csv") == {2: "duplicate_columns"}


def test_two_columns_of_a_sheet_with_one_name_are_a_problem_where_they_differ(tmp_path):
    rows = [["id", "total", "total"], ["1", 5, 5], ["2", 5, 6]]
    path = write_workbook(tmp_path / "orders.xlsx", orders=rows)

    assert problems(path, "xlsx", **FIELDS) == {3: "duplicate_columns"}


@pytest.mark.parametrize("skip", [0, 3])
@pytest.mark.parametrize("start", ["<!DOCTYPE html>", '\ufeff <html lang="en">', '<?xml version="1.0"?>', "<table>"])
def test_a_web_page_in_the_place_of_an_export_is_one_problem(file, start, skip):
    path = file(f"{start}\n<h1>502 Bad Gateway</h1>\n<p>\n<p>\n</html>\n")

    assert set(problems(path, "csv", skip=skip, **FIELDS).values()) == {"markup_document"}
    assert len(lines(path, "csv", skip=skip, **FIELDS)) == 5


def test_without_a_header_a_line_may_begin_as_a_web_page(file):
    assert problems(file("<html>,5\n"), "csv", header=False, **FIELDS) == {}


def test_a_header_that_lacks_a_field_because_of_its_encoding_is_of_another_encoding(file):
    path = file("id;Prénom;total\n1;Eve;5\n".encode("cp1252"))
    options = {"delimiter": ";", "fields": ("id", "Prénom", "total")}

    assert problems(path, "csv", **options) == {1: "encoding_differs", 2: "encoding_differs"}
    assert problems(path, "csv", encoding="cp1252", **options) == {}


def test_a_garbled_name_of_no_field_is_no_problem_of_the_file(file):
    path = file("id;Prénom;total\n1;Eve;5\n".encode("cp1252"))

    assert problems(path, "csv", delimiter=";", **FIELDS) == {}


@pytest.mark.parametrize("header", ["\ufeff\ufeffid,total", "id,\u200btotal", "\u2060id\u00a0,Total\u200b"])
def test_characters_that_nobody_sees_are_no_part_of_a_name(file, header):
    assert [row["header"] for row in read(file(f"{header}\n1,5\n"), "csv", **FIELDS)] == ["id,total"]

from sample_files import lines, problems, write_workbook

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

import pytest
import xlsxwriter
from sample_files import change_part, lines, problems

from shoplake.engine.ingest.formats.excel.excel_gaps import find_gaps

FIELDS = ("order", "total", "note")


@pytest.fixture
def workbook(tmp_path):
    """Write a sheet of which the total of each order is a formula with the value that its program has computed."""

    def write(*computed, column=1, sheet="Orders & more"):
        path = tmp_path / "orders.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            book.add_worksheet("First").write_row(0, 0, ["something", "else"])
            page = book.add_worksheet(sheet)
            page.write_row(0, 0, [*FIELDS, "beside"])
            for at, value in enumerate(computed, 1):
                page.write_row(at, 0, [f"A{at}"])
                page.write_formula(at, column, f'=IF(B{at}<1,"a","b")', None, value)
        return path

    return write


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?"])
def test_a_row_with_an_error_in_a_field_has_a_problem_and_its_text(workbook, error):
    path = workbook(3.25, error)

    assert problems(path, "xlsx", sheet="Orders & more", fields=FIELDS) == {3: "cell_has_no_value"}
    assert lines(path, "xlsx", sheet="Orders & more", fields=FIELDS) == [(2, "A1,3.25,,"), (3, f"A2,{error},,")]


def test_a_formula_that_was_never_calculated_is_no_empty_cell(workbook):
    path = workbook(3, "")

    assert problems(path, "xlsx", sheet="Orders & more", fields=FIELDS) == {3: "cell_has_no_value"}
    assert find_gaps(str(path), "Orders & more") == {3: {1: '=IF(B2<1,"a","b")'}}


def test_numbers_and_dates_of_options_do_not_hide_such_a_cell(workbook):
    options = {"sheet": "Orders & more", "fields": FIELDS, "numbers": ("total",), "decimal": ","}

    assert problems(workbook("#N/A"), "xlsx", **options) == {2: "cell_has_no_value"}


def test_an_error_in_a_column_of_no_field_is_no_problem(workbook):
    path = workbook("#N/A", column=3)

    assert problems(path, "xlsx", sheet="Orders & more", fields=FIELDS) == {}


def test_an_empty_text_that_a_formula_gives_is_a_value(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("one")
        page.write_row(0, 0, FIELDS)
        page.write_row(1, 0, ["A1", 5])
        page.write_formula(1, 2, '=""', None, "")
    change_part(path, "xl/worksheets/sheet1.xml", lambda part: part.replace(b'<c r="C2"', b'<c r="C2" t="str"'))

    assert find_gaps(str(path), "one") == {}


@pytest.mark.parametrize("block_bytes", [7, 100, 5_000])
def test_gaps_are_found_wherever_a_part_is_cut(workbook, block_bytes):
    path = workbook(*["#N/A", 1] * 20)

    found = find_gaps(str(path), "Orders & more", block_bytes=block_bytes)

    assert found == {row: {1: "#N/A"} for row in range(2, 42, 2)}


def test_rows_of_errors_alone_are_no_records(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("one")
        page.write_row(0, 0, FIELDS)
        page.write_row(1, 0, ["A1", 5])
        page.write_formula(2, 1, "=A9", None, "#N/A")

    assert lines(path, "xlsx", fields=FIELDS) == [(2, "A1,5,")]


def test_of_a_file_that_is_no_archive_none_are_known(file):
    assert find_gaps(str(file("no workbook")), "one") == {}

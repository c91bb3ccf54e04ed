import pytest
import xlsxwriter

from shoplake.declare import Stream
from shoplake.engine import read_file, sketch_streams

ROWS = [["Order", "Day", "Total"], ["A1", "31.03.2026", "1.234,50"], ["A2", "01.04.2026", "7,00"]]
OTHER = [["mail", "name"], ["a@x.example", "Ada"]]


@pytest.fixture
def workbook(tmp_path):
    """Write sheets of rows, and return the proposed streams and the records that they read without a problem."""

    def write(**sheets):
        path = tmp_path / "sales 2026.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for at, cells in enumerate(rows):
                    sheet.write_row(at, 0, cells)
        streams = [eval(code, {"Stream": Stream}) for code in sketch_streams([(str(path), path.name)])]
        parts = [part for stream in streams for part in read_file(str(path), stream)]
        assert {problem for part in parts for problem in part.problems.to_pylist()} <= {None}
        return streams, [text for part in parts for text in part.texts.to_pylist()]

    return write


def test_a_sheet_has_its_header_its_numbers_and_its_times(workbook):
    streams, records = workbook(Orders=ROWS)

    expected = Stream(
        "sales *.xlsx",
        "xlsx",
        into="orders_raw",
        decimal=",",
        numbers=("Total",),
        dates={"Day": "%d.%m.%Y"},
        fields=("Order", "Day", "Total"),
    )
    assert (streams, records) == ([expected], ["A1,2026-03-31,1234.50", "A2,2026-04-01,7.00"])


def test_rows_above_a_header_are_left_out(workbook):
    (stream,), records = workbook(Orders=[["Sales of 2026"], [], *ROWS])

    assert (stream.skip, len(records)) == (2, 2)


def test_all_sheets_of_one_header_are_read_by_one_stream(workbook):
    (stream,), records = workbook(January=ROWS, February=ROWS)

    assert (stream.sheet, len(records)) == ("*", 4)


def test_sheets_of_different_headers_have_a_stream_each(workbook):
    streams, records = workbook(Sales_1=ROWS, Sales_2=ROWS, People=OTHER)

    assert [(stream.sheet, stream.fields[0]) for stream in streams] == [("Sales_*", "Order"), ("People", "mail")]
    assert len(records) == 5


def test_sheets_without_a_common_beginning_are_named_beside_the_first(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in {"North": ROWS, "People": OTHER, "South": ROWS}.items():
            sheet = book.add_worksheet(name)
            for at, cells in enumerate(rows):
                sheet.write_row(at, 0, cells)

    codes = sketch_streams([(str(path), "a.xlsx")])

    assert codes[0].endswith(
        'sheet="North", decimal=",", numbers=("Total",), dates={"Day": "%d.%m.%Y"}, '
        'fields=("Order", "Day", "Total"))  # so are the sheets "South"'
    )


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04"])
def test_what_is_no_workbook_has_no_stream(file, content):
    assert sketch_streams([(str(file(content, "a.xlsx")), "a.xlsx")]) == []


def test_sheets_without_a_record_have_no_stream(workbook):
    assert workbook(Empty=[], Header=[["id", "name"]], Numbers=[[1, 2], [3, 4]]) == ([], [])

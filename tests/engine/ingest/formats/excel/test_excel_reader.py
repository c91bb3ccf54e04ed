from datetime import date, datetime, time, timedelta

import pytest
from sample_files import Duration, Serial, change_part, lines, problems, read, write_workbook

from shoplake.engine.ingest.formats.excel.excel_reader import cell_text, check_workbook

ORDERS = [
    ["Receipt", "sold_at", "price", None],
    ["1", Serial(46082.5), 9.5, None],
    [None, None, None, None],
    [2, "2026-03-02", 10, "x, y"],
]


def test_the_rows_of_the_first_sheet_are_csv_records_at_their_rows(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", orders=ORDERS, other=[["a"], [1]])

    rows = read(path, "xlsx", fields=("receipt", "sold_at", "price"))

    assert [(row["line"], row["header"], row["raw"]) for row in rows] == [
        (2, "receipt,sold_at,price,", "1,2026-03-01T12:00:00,9.5,"),
        (4, "receipt,sold_at,price,", '2,2026-03-02,10,"x, y"'),
    ]


def test_a_sheet_may_be_named(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", orders=ORDERS, other=[["a"], [1]])

    assert lines(path, "xlsx", sheet="other") == [(2, "1")]
    assert problems(path, "xlsx", sheet="others") == {1: "sheet_not_found"}


def test_a_sheet_without_a_header_has_the_fields_as_columns(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", one=[["x", 1], ["y", 2]])

    rows = read(path, "xlsx", header=False, fields=("a", "b"))

    assert [(row["header"], row["raw"]) for row in rows] == [("a,b", "x,1"), ("a,b", "y,2")]


def test_rows_above_the_header_of_a_sheet_are_no_records(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", one=[["Report"], [], ["a", "b"], ["x", 1]])

    rows = read(path, "xlsx", skip=2, fields=("a", "b"))

    assert [(row["line"], row["header"], row["raw"], row["problem"]) for row in rows] == [(4, "a,b", "x,1", None)]


TEXTS = [
    ["Sales"],
    ["id", "day", "price"],
    ["1.000", "01.03.2026", "1.250,00 €"],
    ["2", Serial(46082.5), 1.25],
    ["3", "-", "-"],
    ["4", "31.31.2026", "12.5"],
]
IN_TEXTS = {"skip": 1, "fields": ("id", "day", "price"), "decimal": ",", "numbers": ("price",), "nulls": ("-",)}
IN_TEXTS |= {"dates": {"day": "%d.%m.%Y"}, "currency_symbol": "€"}


def test_numbers_and_dates_of_a_sheet_that_are_texts_fit_their_options(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", one=TEXTS)

    assert lines(path, "xlsx", **IN_TEXTS) == [
        (3, "1.000,2026-03-01,1250.00"),
        (4, "2,2026-03-01T12:00:00,1.25"),
        (5, "3,,"),
        (6, "4,31.31.2026,12.5"),
    ]
    assert problems(path, "xlsx", **IN_TEXTS) == {6: "day_fits_type"}


def test_a_sheet_without_a_header_has_options_by_its_fields(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", one=[["1", "1,5"], ["2", 1.5]])

    rows = lines(path, "xlsx", header=False, fields=("id", "price"), numbers=("price",), decimal=",")

    assert rows == [(1, "1,1.5"), (2, "2,1.5")]


def test_a_sheet_without_the_expected_header_loses_no_row(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", one=[["x", 1], ["y", 2]])

    assert problems(path, "xlsx", fields=("a", "b")) == {1: "header_missing", 2: "header_missing"}


def test_an_empty_sheet_has_no_records(tmp_path):
    assert read(write_workbook(tmp_path / "f.xlsx", one=[]), "xlsx") == []


def test_a_duration_of_millions_of_years_is_the_problem_of_its_row_alone(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", orders=[["id", "price"], ["a", Duration(1e12)], ["b", 2]])

    assert problems(path, "xlsx", fields=("id", "price")) == {2: "cell_out_of_range"}
    assert lines(path, "xlsx", fields=("id", "price"))[1] == (3, "b,2")


def test_rows_begin_at_the_first_column_however_far_right_the_cells_lie(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", orders=[[None, None], [None, "id"], [None, 1]])

    assert lines(path, "xlsx", fields=("id",)) == [(3, ",1")]


def test_the_sheet_that_is_read_is_the_one_that_is_checked(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", orders=ORDERS, other=[["a"], [1]])
    change_part(path, "xl/worksheets/s2.xml", lambda part: part[:-30])
    check_workbook(str(path))

    with pytest.raises(ValueError, match=r"\w"):
        check_workbook(str(path), "other")


def test_a_chart_before_the_sheets_is_not_taken_for_one(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", chart=[], orders=ORDERS)
    change_part(path, "xl/_rels/workbook.xml.rels", lambda part: part.replace(b"worksheet", b"chartsheet", 1))

    assert len(read(path, "xlsx", fields=("Receipt",))) == 2


def test_a_file_that_is_cut_off_is_no_workbook(tmp_path):
    path = write_workbook(tmp_path / "f.xlsx", orders=ORDERS)
    check_workbook(str(path))
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(ValueError, match=r"\w"):
        check_workbook(str(path))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (True, "true"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 9), "2026-03-01T09:00:00"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=1), "1:00:00"),
        ("00123", "00123"),
        (None, ""),
    ],
)
def test_a_cell_is_text_without_loss(value, text):
    assert cell_text(value) == text

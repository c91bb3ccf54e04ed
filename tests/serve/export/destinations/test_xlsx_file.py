import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.xlsx_file import XlsxDestination
from shoplake.serve.export.export import export_tables

from ..small_lake import PRODUCTS, SALES, product, sale


def sheets(path):
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_sheet_per_table_has_typed_values_and_a_sheet_lists_the_versions(shared, tmp_path):
    export_tables(shared, XlsxDestination(tmp_path / "shop.xlsx"))

    found = sheets(tmp_path / "shop.xlsx")
    assert list(found) == ["sales_daily", "products", "_shoplake", "_shoplake_columns"]
    assert found["sales_daily"][1] == ["shop", date(2026, 3, 1), 10.5, 2, 0.25, datetime(2026, 3, 2, 6), True]
    assert found["sales_daily"][2][2] == "" and found["_shoplake"][1][:2] == ["gold.sales_daily", 1]


def test_text_that_looks_like_a_formula_or_link_is_text(lake, tmp_path):
    lake.run({PRODUCTS: [product("=1+1"), product("https://example.org"), product("007")]})

    export_tables(lake, XlsxDestination(tmp_path / "shop.xlsx"), ["products"])

    assert [row[1] for row in sheets(tmp_path / "shop.xlsx")["products"][1:]] == ["=1+1", "https://example.org", "007"]
    with zipfile.ZipFile(tmp_path / "shop.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"hyperlink" not in sheet


def test_a_number_of_more_than_15_digits_is_text(lake, tmp_path):
    lake.run({SALES: [sale(1, "1234567890123456.78", orders=1234567890123456789)]})

    export_tables(lake, XlsxDestination(tmp_path / "shop.xlsx"), ["sales_daily"])

    row = sheets(tmp_path / "shop.xlsx")["sales_daily"][1]
    assert (row[2], row[3]) == ("1234567890123456.78", "1234567890123456789")


def test_rows_beyond_the_limit_of_a_sheet_are_left_out_and_that_is_recorded(shared, tmp_path):
    result = export_tables(shared, XlsxDestination(tmp_path / "shop.xlsx", max_rows=1), ["sales_daily"])

    [table] = result.manifest.tables
    assert (table.row_count, table.is_truncated) == (1, True)
    assert len(sheets(tmp_path / "shop.xlsx")["sales_daily"]) == 2


def test_long_names_become_different_names_of_31_characters():
    destination = XlsxDestination(Path("shop.xlsx"))

    names = [destination._sheet_name("a" * 40), destination._sheet_name("A" * 40)]

    assert names == ["a" * 31, "A" * 29 + "~2"]


def test_a_workbook_that_no_export_wrote_is_left_alone(shared, tmp_path):
    path = tmp_path / "shop.xlsx"
    xlsxwriter.Workbook(str(path)).close()

    with pytest.raises(ExportError, match="no export wrote it"):
        export_tables(shared, XlsxDestination(path))


def test_an_export_replaces_the_workbook_before_it(shared, tmp_path):
    path = tmp_path / "shop.xlsx"
    export_tables(shared, XlsxDestination(path))
    export_tables(shared, XlsxDestination(path), ["products"])

    assert list(sheets(path)) == ["products", "_shoplake", "_shoplake_columns"]

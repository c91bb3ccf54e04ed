import pytest

from shoplake.engine.ingest.sketch.cell_types import find_types


@pytest.mark.parametrize(
    ("cells", "format"),
    [
        (["01.03.2026", "31.03.2026"], "%d.%m.%Y"),
        (["3/14/26"], "%m/%d/%y"),
        (["Mar 1, 2026", "May 1, 2026"], "%b %d, %Y"),
        (["14-Mar-2026 10:00"], "%d-%b-%Y %H:%M"),
        (["31/03/2026, 22:05:01"], "%d/%m/%Y, %H:%M:%S"),
        (["Sep 4, 2026 1:05:07 AM PDT"], "%b %d, %Y %I:%M:%S %p %Z"),
        (["31.03.2026 10:00:00 +0200"], "%d.%m.%Y %H:%M:%S %z"),
        (["3:45 PM", "12:05 AM"], "%I:%M %p"),
        (["31/03/2026 3:45 p.m.", "31/03/2026 12:05 a. m."], "%d/%m/%Y %I:%M %p"),
        (["13/04/2026", ""], "%d/%m/%Y"),
        (["May 1, 2026"], "%b %d, %Y"),
        (["Mar-01-26", "Apr-30-26"], "%b-%d-%y"),
        (["01-Mar-26 10:00"], "%d-%b-%y %H:%M"),
        (["1 Mar 26"], "%d %b %y"),
        (["20260213", "20261231"], "%Y%m%d"),
    ],
)
def test_the_format_of_times_is_the_one_that_all_cells_fit(cells, format):
    types = find_types({"at": cells})

    assert (types.dates, types.open_questions) == ({"at": format}, ())


@pytest.mark.parametrize("cells", [["03/04/2026 10:00", "05/04/2026 11:00"], ["04/04/2026 10:00"]])
def test_a_day_in_march_or_april_is_a_question_also_where_the_file_has_one_day(cells):
    types = find_types({"at": cells})

    assert (types.dates, types.open_questions) == ({}, ('"at" is %d/%m/%Y %H:%M or %m/%d/%Y %H:%M',))


@pytest.mark.parametrize("cell", ["5,76123E+18", "5.76E+11"])
def test_numbers_that_a_spreadsheet_rounded_are_named_and_are_no_amounts(cell):
    types = find_types({"order": [cell, "5"], "total": ["1.0E+3", "2.5"]})

    assert types.numbers == ("total",)
    assert types.open_questions == (f'"order" has {cell}: a spreadsheet rounded it, export it again',)


def test_names_of_zones_that_are_not_known_are_to_be_declared():
    types = find_types({"at": ["01.07.2026 10:00 CEST", "31.12.2026 10:00 CET"]})

    assert types.dates == {"at": "%d.%m.%Y %H:%M %Z"}
    assert types.open_questions == ('zones={"CEST": "…", "CET": "…"}, with their offsets',)


@pytest.mark.parametrize(
    "cells", [["2026-03-01 10:00:00"], ["12", "1.50"], ["10:15:00"], ["a", "31.03.2026"], ["31.02.2026"]]
)
def test_what_mappings_read_and_what_is_no_time_has_no_format(cells):
    assert find_types({"at": cells}).dates == {}


def test_numbers_have_the_decimal_separator_that_one_of_them_shows():
    types = find_types({"gross": ["1.234,50 €", "-7,00 €"], "kg": ["0,200"], "pieces": ["3"], "code": ["12.30"]})

    assert (types.decimal, types.symbol, types.numbers) == (",", "€", ("gross", "kg"))


@pytest.mark.parametrize(
    "cells", [["+49 123 456"], ["0.5 kg"], ["EUR"], ["1,2,3"], ["12 %"], ["001"], ["1.2.3"], ["€ 5", "$ 5"]]
)
def test_what_is_no_amount_is_no_number(cells):
    types = find_types({"cell": cells})

    assert (types.numbers, types.symbol) == ((), "")


def test_a_thousand_or_a_fraction_is_a_question():
    types = find_types({"stock": ["1,234", "7"]})

    assert (types.numbers, types.open_questions) == ((), ('"stock" has numbers as 1,234, a thousand or a fraction',))


def test_a_column_with_the_other_decimal_separator_is_named():
    types = find_types({"a": ["1,50"], "b": ["2,50"], "c": ["1,234.50"]})

    assert (types.decimal, types.numbers, types.open_questions) == (
        ",",
        ("a", "b"),
        ('"c" has another decimal separator',),
    )


@pytest.mark.parametrize(
    ("columns", "numbers", "is_open"),
    [
        ({"stock": ["1.234", "12"]}, (), True),
        ({"stock": ["1.234", "12"], "price": ["12,50"]}, ("stock", "price"), False),
        ({"stock": ["1.234", "1.5"]}, (), False),
        ({"weight": ["0.250", "1.250"]}, (), False),
    ],
)
def test_points_that_may_group_thousands_are_read_as_the_other_columns_show(columns, numbers, is_open):
    types = find_types(columns)

    assert (types.numbers, bool(types.open_questions)) == (numbers, is_open)


@pytest.mark.parametrize("cells", [["20260213", "20260230"], ["20260213", "5"], ["99999999"]])
def test_eight_digits_that_are_no_day_are_a_number(cells):
    assert find_types({"nr": cells}).dates == {}


@pytest.mark.parametrize("cell", ["13. Februar 2026", "13 févr. 2026", "13 de febrero de 2026", "1 März 2026 10:00"])
def test_months_in_another_language_are_left_to_the_mapping(cell):
    types = find_types({"at": [cell], "text": ["12 Cups 2026 edition", "x"]})

    assert types.open_questions == ('"at" has months in another language: replace their names in the mapping',)

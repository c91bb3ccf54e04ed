import pytest

from shoplake.engine.ingest.formats.cell_values import iso_time, plain_number

US_TIME = "%b %d, %Y %I:%M:%S %p %Z"


@pytest.mark.parametrize(
    ("cell", "decimal", "number"),
    [
        ("1,234,567.89", ".", "1234567.89"),
        ("1 234,5", ",", "1234.5"),
        ("+1'000", ".", "+1000"),
        ("1.234.567", ",", "1234567"),
        ("-12", ",", "-12"),
        ("1,234", ".", "1234"),
        ("1.234,567.8", ".", None),
        ("1.234", ".", "1.234"),
        ("0.125", ".", "0.125"),
        ("12,345", ",", "12.345"),
        ("- 12", ".", None),
        ("", ".", None),
        ("(1,234.50)", ".", "-1234.50"),
        ("12,00-", ",", "-12.00"),
        ("\u221212,00", ",", "-12.00"),
        ("1\u2019234.50", ".", "1234.50"),
        ("12,34,567.80", ".", "1234567.80"),
        ("1,23,45", ".", None),
        (".50", ".", "0.50"),
        ("1,5E-03", ",", "1.5E-03"),
        ("1,234E5", ".", None),
        ("(-12)", ".", None),
        ("()", ".", None),
        ("-", ".", None),
    ],
)
def test_a_plain_number_has_a_point_and_no_groups(cell, decimal, number):
    assert plain_number(cell, decimal) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("£1,250.00", "1250.00"),
        ("7.99 £", "7.99"),
        ("-£5.00", "-5.00"),
        ("£-5.00", "-5.00"),
        ("12", "12"),
        ("(£5.00)", "-5.00"),
        ("£(5.00)", "-5.00"),
        ("£5.00-", "-5.00"),
        ("$12.00", None),
        ("12£50", None),
        ("££5", None),
        ("£", None),
    ],
)
def test_a_plain_number_may_have_the_declared_currency_symbol_and_no_other(cell, number):
    assert plain_number(cell, ".", "£") == number


@pytest.mark.parametrize(
    ("cell", "format", "time"),
    [
        ("01/03/2026", "%d/%m/%Y", "2026-03-01"),
        (" 1.3.2026 9:05", "%d.%m.%Y %H:%M", "2026-03-01T09:05:00"),
        ("2026-03-01 09:05 +0100", "%Y-%m-%d %H:%M %z", "2026-03-01T09:05:00+01:00"),
        ("31/02/2026", "%d/%m/%Y", None),
        ("Sep 4, 2026 1:05:07 AM PDT", US_TIME, "2026-09-04T01:05:07-07:00"),
        ("Jan 4, 2026 1:05:07 PM PST", US_TIME, "2026-01-04T13:05:07-08:00"),
        ("Jan 4, 2026 1:05:07 PM UTC", US_TIME, "2026-01-04T13:05:07+00:00"),
        ("2026-07-01 10:00 Europe/Berlin", "%Y-%m-%d %H:%M %Z", "2026-07-01T10:00:00+02:00"),
        ("2026-01-01 10:00:00GMT", "%Y-%m-%d %H:%M:%S%Z", "2026-01-01T10:00:00+00:00"),
        ("2026-07-01 10:00 IST", "%Y-%m-%d %H:%M %Z", None),
        ("2026-07-01 10:00 No/Where", "%Y-%m-%d %H:%M %Z", None),
        ("2026-07-01 10:00", "%Y-%m-%d %H:%M %Z", None),
    ],
)
def test_a_time_of_a_format_becomes_iso_8601(cell, format, time):
    assert iso_time(cell, format) == time


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2026-10-25 02:30 CEST", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25 02:30 CET", "2026-10-25T02:30:00+01:00"),
        ("2026-07-01 10:00 CST", "2026-07-01T10:00:00+08:00"),
        ("2026-07-01 10:00 Eastern Time (US & Canada)", "2026-07-01T10:00:00-04:00"),
        ("2026-07-01 10:00 PDT", "2026-07-01T10:00:00-07:00"),
        ("2026-07-01 10:00 IST", None),
    ],
)
def test_a_name_of_a_zone_stands_for_what_is_declared(cell, time):
    zones = {"CET": "+01:00", "CEST": "+02:00", "CST": "Asia/Shanghai"}
    zones |= {"Eastern Time": "Europe/Berlin", "Eastern Time (US & Canada)": "America/New_York"}

    assert iso_time(cell, "%Y-%m-%d %H:%M %Z", zones) == time


@pytest.mark.parametrize(("cell", "time"), [("3:45 PM", "15:45:00"), ("12:05 AM", "00:05:00"), ("25:00 PM", None)])
def test_a_time_of_day_has_no_date(cell, time):
    assert iso_time(cell, "%I:%M %p") == time


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("13:05 PM", "13:05:00"),
        ("01:05 AM", "01:05:00"),
        ("00:05 AM", "00:05:00"),
        ("01:05 PM", None),
        ("12:05 AM", None),
    ],
)
def test_half_of_the_day_that_contradicts_the_hours_is_no_time(cell, time):
    assert iso_time(cell, "%H:%M %p") == time


@pytest.mark.parametrize("cell", ["1:05 p.m.", "1:05 P.M.", "1:05 p. m.", "1:05 p.\u00a0m.", "1:05 pm"])
def test_the_half_of_a_day_may_have_points(cell):
    assert iso_time(cell, "%I:%M %p") == "13:05:00"

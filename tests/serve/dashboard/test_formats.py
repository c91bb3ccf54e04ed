from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shoplake.serve.dashboard.formats import (
    format_age,
    format_change,
    format_day,
    format_money,
    format_percent,
    format_range,
    format_short_money,
    format_time,
    format_value,
    guess_kind,
    isolate,
)

LONDON = ZoneInfo("Europe/London")


def test_money_has_its_currency_before_it():
    assert format_money(Decimal("-1234.5"), "GBP") == "−£1,234.50"
    assert format_money(Decimal("75206.40"), "EUR", decimals=0) == "€75,206"
    assert format_money(Decimal("1"), "SEK") == "SEK 1.00"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("7337.00", "JPY", "¥7,337"),
        ("152069.5000", "JPY", "¥152,070"),
        ("8062.7254", "KWD", "KWD 8,062.725"),
        ("8062.72", "KWD", "KWD 8,062.72"),
        ("8062.7254", None, "8,062.73"),
    ],
)
def test_money_has_the_decimals_of_its_currency_and_no_more_than_are_known(amount, currency, text):
    assert format_money(Decimal(amount), currency) == text


def test_money_of_a_cell_has_its_decimals_and_no_symbol():
    assert format_value(Decimal("-7337.00"), "money", LONDON, "JPY") == "−7,337"
    assert format_short_money(Decimal("63.00"), "JPY") == "¥63"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("-26.244", "−£26.24"),
        ("999999.4", "£999,999"),
        ("1234567", "£1.235M"),
        ("-27005330339.69", "−£27.01B"),
        ("999960000", "£1.000B"),
        ("8325000000000", "£8.325T"),
        ("5e15", "£5,000T"),
    ],
)
def test_money_of_a_tile_is_short_enough_for_it(amount, text):
    assert format_short_money(Decimal(amount), "GBP") == text


def test_what_is_missing_is_a_dash():
    assert (format_money(None), format_percent(None), format_change(None), format_day(None)) == ("–",) * 4


def test_a_change_has_its_sign():
    assert (format_change(0.104), format_change(-0.03), format_change(0.0)) == ("+10.4 %", "−3.0 %", "0.0 %")


def test_a_change_that_is_shown_as_zero_has_no_sign():
    assert (format_change(0.0004), format_change(-0.0004)) == ("0.0 %", "0.0 %")


def test_a_sum_has_decimals_only_where_they_matter():
    values = (Decimal("40.0000"), Decimal("14.6912"), Decimal("3614.65"), -100.5)

    assert [format_value(each, "sum", LONDON) for each in values] == ["40", "14.69", "3,615", "−100"]


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 4, 1), date(2026, 4, 30), "1–30 Apr 2026"),
        (date(2026, 3, 30), date(2026, 4, 2), "30 Mar – 2 Apr 2026"),
        (date(2025, 12, 30), date(2026, 1, 2), "30 Dec 2025 – 2 Jan 2026"),
        (date(2026, 4, 1), date(2026, 4, 1), "1 Apr 2026"),
    ],
)
def test_a_range_is_as_short_as_it_is_clear(start, end, text):
    assert format_range(start, end) == text


def test_times_are_in_the_shops_zone():
    assert format_time(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), LONDON) == "1 Jul 2026 00:30"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=20), "under a minute old"),
        (timedelta(minutes=1), "1 minute old"),
        (timedelta(hours=5, minutes=3), "5 hours old"),
        (timedelta(days=2), "2 days old"),
    ],
)
def test_an_age_is_in_its_largest_unit(age, text):
    assert format_age(age) == text


def test_a_column_is_shown_by_its_type_and_name():
    assert guess_kind("net", Decimal(1)) == "money"
    assert guess_kind("return_rate", 0.1) == "percent"
    assert guess_kind("is_current", True) == "text"


def test_cells_of_each_kind_are_text():
    assert format_value(1234, "count", LONDON) == "1,234"
    assert format_value(["a", "b"], "code", LONDON) == "a, b"
    assert format_value("paid_search", "text", LONDON) == "paid search"


def test_a_name_beside_a_number_keeps_its_direction_to_itself():
    assert isolate("Lamp") == "Lamp"
    assert isolate("\u202edlog") == "dlog"
    assert isolate("\u05de\u05e0\u05d5\u2069") == "\u2068\u05de\u05e0\u05d5\u2069"


def test_a_figure_that_is_a_count_has_no_decimals():
    assert [format_value(each, "figure", LONDON) for each in (660.0, 0.7514, -1.0)] == ["660", "0.751", "−1"]

from datetime import date

import pytest

from shoplake.cli.options import Day, Duration


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10.0), ("2m", 120.0), ("500ms", 0.5), ("1.5h", 5400.0)])
def test_a_duration_has_a_unit(text, seconds):
    assert Duration().convert(text, None, None) == seconds


def test_a_day_is_an_iso_date():
    assert Day().convert("2026-03-29", None, None) == date(2026, 3, 29)

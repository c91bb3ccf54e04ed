from decimal import Decimal

import pytest

from shoplake.serve.dashboard.rounding import round_parts


def amounts(text):
    return [Decimal(each) for each in text.split()]


@pytest.mark.parametrize(
    ("parts", "total", "days", "rounded"),
    [
        ("159262.1013", "159262.12", 30, "159262.12"),
        ("10.0049 -3.3349 20.0049", "26.68", 1, "10.00 -3.33 20.01"),
        ("-50.0049 1.0000", "-49.01", 1, "-50.01 1.00"),
        ("", "0.00", 1, ""),
    ],
)
def test_parts_add_up_to_the_total_and_the_largest_takes_what_is_left(parts, total, days, rounded):
    assert round_parts(amounts(parts), Decimal(total), days) == amounts(rounded)


def test_a_difference_that_no_rounding_explains_stays_visible():
    assert round_parts(amounts("10.0049 20.0049"), Decimal("30.05"), days=2) == amounts("10.00 20.00")


def test_parts_in_yen_are_whole_yen():
    assert round_parts(amounts("10.4 20.4"), Decimal("31.00"), days=30, digits=0) == amounts("10 21")

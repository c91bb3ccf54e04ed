from decimal import Decimal

import numpy as np
import pytest

from shoplake.simulate.realistic.money import format_amount, format_amounts, round_to_cents, to_decimals


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0.00"), (3_333, "0.3333"), (125_000, "12.50"), (-9_900, "-0.99"), (10_001, "1.0001")]
)
def test_an_amount_has_two_decimals_or_four(amount, text):
    assert (format_amount(amount), format_amounts(np.array([amount])).to_pylist()) == (text, [text])


@pytest.mark.parametrize(("amount", "rounded"), [(149, 100), (150, 200), (-149, -100), (-150, -200), (9_999, 10_000)])
def test_half_a_cent_is_rounded_away_from_zero(amount, rounded):
    assert (round_to_cents(amount), round_to_cents(np.array([amount])).tolist()) == (rounded, [rounded])


def test_decimals_are_exact():
    assert to_decimals(np.array([3_333, -10_000])).to_pylist() == [Decimal("0.3333"), Decimal("-1.0000")]
    assert to_decimals(np.array([12_300]), 2).to_pylist() == [Decimal("1.23")]

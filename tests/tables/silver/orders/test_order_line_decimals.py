"""Amounts of currencies with three decimals, which sums in gold round."""

from decimal import Decimal

import pytest

from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.expectations import is_satisfied


@pytest.mark.parametrize(
    ("currency", "amount", "is_counted"),
    [("KWD", "1.2345", True), ("KWD", "0.005", True), ("KWD", "1.25", False), ("EUR", "0.005", False)],
)
def test_an_amount_that_sums_of_two_decimals_round_is_counted(some, currency, amount, is_counted):
    [rule] = [each for each in order_lines.expectations if each.name == "amount_has_two_decimals"]

    line = some(order_lines, {"currency": currency, "amount": Decimal(amount)}, {"currency": currency})

    assert line.where(~is_satisfied(rule)).count() == is_counted

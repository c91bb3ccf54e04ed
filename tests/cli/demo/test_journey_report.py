import io
from decimal import Decimal

import pytest
from rich.console import Console

from shoplake.cli.demo.journey_report import print_attribution, print_carts, print_paths


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=80, color_system=None)


def lines(console: Console) -> list[list[str]]:
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_a_step_to_the_exit_is_named_as_leaving(console):
    print_paths(console, [{"from_type": "home", "to_type": "(exit)", "sessions": 3, "of_step": 0.25}])

    assert lines(console)[1][:6] == ["home", "→", "leaves", "3", "25.0", "%"]


def test_the_models_of_attribution_are_summed_over_the_channels(console):
    credits = {"first": Decimal("1.50"), "last": None, "linear": Decimal(1), "data_driven": Decimal(2)}

    print_attribution(console, [credits | {"name": "email"}, credits | {"name": "direct"}], "GBP")

    assert lines(console)[1] == ["email", "1.50", "0.00", "1.00", "2.00"]
    assert lines(console)[3] == ["all", "channels", "3.00", "0.00", "2.00", "4.00"]


def test_each_state_of_the_carts_has_its_share(console):
    rows = [{"name": "open", "carts": 3, "value": None}, {"name": "purchased", "carts": 1, "value": Decimal(9)}]

    print_carts(console, rows, "GBP")

    assert [line[:4] for line in lines(console)[1:]] == [["open", "3", "75.0", "%"], ["purchased", "1", "25.0", "%"]]

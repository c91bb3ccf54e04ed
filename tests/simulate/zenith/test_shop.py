from datetime import date

import pytest

from shoplake.simulate.zenith.shop import Shop

VALID_KINDS = {"events": 1, "customers": 1, "products": 1, "days": 1, "seed": 0, "error_rate": 0.5}
VALID_KINDS |= {"starts_on": date(2026, 3, 24), "timezone": "Europe/London", "currency": "GBP"}


def test_the_smallest_arguments_are_valid():
    assert Shop(**VALID_KINDS).zone().key == "Europe/London"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, 0) for name in ("events", "customers", "products", "days")],
        *[("seed", -1), ("error_rate", -0.1), ("error_rate", 0.6), ("currency", "gbp"), ("currency", "£")],
        *[("timezone", "London"), ("timezone", ""), ("timezone", "../etc")],
    ],
)
def test_an_invalid_argument_is_named_with_its_value(name, value):
    with pytest.raises(ValueError, match=f"^{name} .*{value}"):
        Shop(**VALID_KINDS | {name: value})

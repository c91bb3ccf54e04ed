from datetime import date

import pytest

from shoplake.simulate.zenith.shop import Shop

GOOD = {"events": 1, "customers": 1, "products": 1, "days": 1, "seed": 0, "dirt": 0.5}
GOOD |= {"starts_on": date(2026, 3, 24), "timezone": "Europe/London", "currency": "GBP"}


def test_the_smallest_shop_is_one():
    assert Shop(**GOOD).zone().key == "Europe/London"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, 0) for name in ("events", "customers", "products", "days")],
        *[("seed", -1), ("dirt", -0.1), ("dirt", 0.6), ("currency", "gbp"), ("currency", "£")],
        *[("timezone", "London"), ("timezone", ""), ("timezone", "../etc")],
    ],
)
def test_what_cannot_be_is_refused_by_name_and_value(name, value):
    with pytest.raises(ValueError, match=f"^{name} .*{value}"):
        Shop(**GOOD | {name: value})

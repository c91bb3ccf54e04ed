import itertools

import pytest

from shoplake.simulate.shopify.shop import DAY, HOUR, round_half_up


@pytest.mark.parametrize(
    "wrong",
    [{"orders": 0}, {"days": 0}, {"error_rate": 0.6}, {"seed": -1}, {"currency": "pound"}, {"timezone": "Leeds"}],
)
def test_an_argument_out_of_range_is_refused_by_name(shop_of, wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))} "):
        shop_of(**wrong)


def test_a_day_on_which_clocks_change_is_an_hour_shorter(shop_of):
    starts = shop_of().starts

    assert {later - earlier for earlier, later in itertools.pairwise(starts)} == {DAY, DAY - HOUR}


def test_halves_are_rounded_away_from_zero():
    assert [round_half_up(cents, 2) for cents in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]


def test_a_customer_of_another_country_pays_in_its_currency(shop_of):
    assert shop_of().presentment_amount(1_000, "EUR") == 1_170
    assert shop_of(currency="EUR").presentment_amount(1_170, "GBP") == 1_000

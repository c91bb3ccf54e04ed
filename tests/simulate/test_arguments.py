from types import SimpleNamespace

import pytest

from shoplake.simulate.arguments import check_currency, check_error_rate, check_least, find_zone


def test_a_number_below_its_least_value_is_named():
    with pytest.raises(ValueError, match="days must be at least 1, not 0"):
        check_least(SimpleNamespace(days=0, seed=0), {"seed": 0, "days": 1})


@pytest.mark.parametrize("rate", [-0.1, 0.6])
def test_an_error_rate_out_of_range_says_what_it_is_a_share_of(rate):
    with pytest.raises(ValueError, match=f"error_rate must be a share of the orders from 0 to 0.5, not {rate}"):
        check_error_rate(rate, of="orders")


@pytest.mark.parametrize("currency", ["gbp", "£", "GBPS"])
def test_a_currency_is_three_capital_letters(currency):
    with pytest.raises(ValueError, match="currency must be an ISO 4217 code such as 'GBP'"):
        check_currency(currency)


@pytest.mark.parametrize("timezone", ["London", "", "../etc"])
def test_a_time_zone_has_an_iana_name(timezone):
    with pytest.raises(ValueError, match="timezone must be an IANA name such as 'Europe/London'"):
        find_zone(timezone)


def test_the_bounds_themselves_are_valid():
    check_least(SimpleNamespace(days=1), {"days": 1})
    check_error_rate(0.0, of="events")
    check_error_rate(0.5, of="events")
    assert find_zone("Europe/London").key == "Europe/London"

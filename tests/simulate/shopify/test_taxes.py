from shoplake.simulate.shopify.shop import MARKETS
from shoplake.simulate.shopify.taxes import taxes_on


def test_a_tax_is_within_the_price_or_on_top_of_it_as_the_market_has_it():
    by_country = {market.country: taxes_on(market, 12_000) for market in MARKETS}

    assert by_country == {"GB": [2_000], "DE": [1_916], "US": [750, 240]}

import numpy as np

from shoplake.simulate.realistic.markets import MARKETS, Markets


def test_the_shops_own_currency_is_the_first(options, calendar):
    markets = Markets(options(currency="EUR"), calendar)

    assert markets.currencies == ["EUR", "CHF", "GBP", "USD"]
    assert [markets.currencies[each] for each in markets.currency_of(np.arange(len(MARKETS))).tolist()] == [
        market.currency for market in MARKETS
    ]


def test_without_the_feature_all_countries_use_one_currency(options, calendar):
    markets = Markets(options(features=frozenset()), calendar)

    assert markets.currencies == ["GBP"]
    assert set(markets.currency_of(np.arange(len(MARKETS))).tolist()) == {0}
    assert markets.rate_lines(0, 5) == []


def test_a_rate_is_near_the_one_of_the_list_prices(options, calendar):
    markets = Markets(options(), calendar)

    assert np.abs(markets.daily_rates() * markets.list_factor - 1).max() < 0.1


def test_every_day_has_a_rate_of_every_foreign_currency(shop):
    rates = f"read_csv('{shop.folder}/exchange_rates/*.csv', header=true)"

    assert shop.rows(f"SELECT DISTINCT currency, count(*) FROM {rates} GROUP BY 1 ORDER BY 1") == [
        (currency, 40) for currency in ("CHF", "EUR", "USD")
    ]

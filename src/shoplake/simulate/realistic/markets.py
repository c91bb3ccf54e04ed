"""Countries, their currencies, and exchange rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.rng import draw_weighted, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Floats, Ints

RATES_HEADER = "rate_date,currency,rate,updated_at\n"
RATE_PLACES = 6
DAILY_VOLATILITY = 0.004


class Market(NamedTuple):
    """A country with its currency and its share of the customers."""

    country: str
    currency: str
    share: float


MARKETS = (
    Market("GB", "GBP", 62.0),
    Market("IE", "EUR", 8.0),
    Market("DE", "EUR", 9.0),
    Market("FR", "EUR", 7.0),
    Market("NL", "EUR", 4.0),
    Market("CH", "CHF", 4.0),
    Market("US", "USD", 6.0),
)
UNITS_PER_POUND = {"GBP": 100, "EUR": 117, "CHF": 112, "USD": 127}
"""List prices: what 100 pounds cost in each currency."""


class Markets:
    """The countries that the shop sells to, and its currencies; currency 0 is the shop's own."""

    def __init__(self, options: Options, calendar: Calendar) -> None:
        self._seed, self._calendar = options.seed, calendar
        self._weights = tuple(market.share for market in MARKETS)
        others = sorted({market.currency for market in MARKETS} - {options.currency})
        self.currencies = [options.currency, *others] if options.has("currencies") else [options.currency]
        own = UNITS_PER_POUND.get(options.currency, 100)
        self.list_factor: Floats = np.array([UNITS_PER_POUND.get(name, own) / own for name in self.currencies])
        """What a price in the shop's currency is multiplied by, for each currency."""
        names = [market.currency if options.has("currencies") else options.currency for market in MARKETS]
        self._currency_of_market: Ints = np.array([self.currencies.index(name) for name in names], dtype=np.int64)

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """Draw the positions of `count` countries in `MARKETS`."""
        return draw_weighted(rng, self._weights, count)

    def currency_of(self, market: Ints) -> Ints:
        """Return the currencies of countries as positions in `currencies`."""
        return self._currency_of_market[market]

    def daily_rates(self) -> Floats:
        """Return what one unit of each currency is worth in the shop's own: days × currencies, a random walk."""
        rng = rng_for(self._seed, "exchange rates")
        steps = rng.normal(0.0, DAILY_VOLATILITY, (len(self._calendar), len(self.currencies)))
        rates = np.exp(np.cumsum(steps, axis=0)) / self.list_factor
        rates[:, 0] = 1.0
        return np.round(rates, RATE_PLACES)

    def rate_lines(self, first_day: int, last_day: int) -> list[str]:
        """Format the rates of the days from `first_day` to `last_day`, each published at 16:00 UTC."""
        rates, dates = self.daily_rates(), self._calendar.dates
        return [
            f"{dates[day]},{name},{rates[day, position]:.{RATE_PLACES}f},{dates[day]}T16:00:00Z\n"
            for day in range(first_day, last_day + 1)
            for position, name in enumerate(self.currencies)
            if position > 0
        ]

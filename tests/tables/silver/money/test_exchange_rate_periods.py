from datetime import date
from decimal import Decimal

from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.money.exchange_rates import exchange_rates

EURO = {"feed": "shop", "currency": "EUR"}


def test_a_rate_applies_until_the_day_before_the_next_and_the_latest_without_end(some):
    rates = [EURO | {"rate_date": day, "rate": rate} for day, rate in (("2026-03-05", "0.90"), ("2026-03-01", "0.85"))]

    rows = exchange_rate_periods(some(exchange_rates, *rates)).orderBy("first_date").collect()

    assert [(row.first_date, row.last_date, row.rate) for row in rows] == [
        (date(2026, 3, 1), date(2026, 3, 4), Decimal("0.85")),
        (date(2026, 3, 5), None, Decimal("0.90")),
    ]


def test_feeds_and_currencies_are_separate(some):
    rate = EURO | {"rate_date": "2026-03-01", "rate": "0.85"}
    rates = [rate, rate | {"currency": "JPY", "rate_date": "2026-03-02"}, rate | {"feed": "other"}]

    assert {row.last_date for row in exchange_rate_periods(some(exchange_rates, *rates)).collect()} == {None}

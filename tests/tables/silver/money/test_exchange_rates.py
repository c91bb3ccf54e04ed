from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.tables.bronze.exchange_rates_raw import exchange_rates_raw
from shoplake.tables.silver.money.exchange_rates import exchange_rates

HEADER = "rate_date,currency,rate"


@pytest.fixture
def build(arrived, split_rows, zenith):
    """The valid rates of lines, and the violations of the others by line."""
    return lambda *lines, header=HEADER: split_rows(
        exchange_rates, exchange_rates(arrived(exchange_rates_raw, *lines, header=header), feeds=(zenith,))
    )


def test_a_line_is_a_rate_that_was_published_when_it_arrived(build):
    [row], _ = build("2026-03-01,eur,0.8537")

    assert (row.feed, row.currency, row.rate_date, row.rate) == ("shop", "EUR", date(2026, 3, 1), Decimal("0.8537"))
    assert row.updated_at == row.ingested_at


def test_the_time_of_publication_is_kept_where_the_file_has_it(build):
    [row], _ = build("2026-03-01,EUR,0.85,2026-03-01T16:00:00Z", header=f"{HEADER},updated_at")

    assert row.updated_at == datetime(2026, 3, 1, 16)


INVALID = [
    ("2026-03-01,EUR,0", "rate_positive"),
    ("2026-03-01,EUR,-1", "rate_positive"),
    ("2026-03-01,EUR,many", "rate_fits_type"),
    ("2026-03-01,EURO,0.85", "currency_is_code"),
    ("2026-03-01,,0.85", "currency_present"),
    ("yesterday,EUR,0.85", "rate_date_fits_type"),
    ("0026-03-01,EUR,0.85", "rate_date_plausible"),
    ("2026-03-01,EUR", "fields_fit_header"),
]
"""Lines, each with a rule that it violates."""


def test_an_invalid_line_is_quarantined_by_name(build):
    valid, violations = build(*[line for line, _ in INVALID])

    assert valid == []
    assert [line for number, (line, rule) in enumerate(INVALID, 1) if rule not in violations[number]] == []

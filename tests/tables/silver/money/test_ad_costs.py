from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.declare import Upsert
from shoplake.tables.bronze.spend_raw import spend_raw
from shoplake.tables.silver.money.ad_costs import ad_costs

HEADER = "cost_date,source,medium,campaign,cost,currency,clicks"


@pytest.fixture
def build(arrived, split_rows, zenith):
    """The valid costs of lines, and the violations of the others by line."""
    return lambda *lines, header=HEADER: split_rows(
        ad_costs, ad_costs(arrived(spend_raw, *lines, header=header), feeds=(zenith,))
    )


def test_a_line_is_a_cost_of_a_campaign_on_a_day_with_its_channel(build):
    [row], _ = build("2026-03-01,google,cpc,spring,12.3456,EUR,7")

    assert (row.feed, row.cost_date, row.campaign, row.channel) == ("shop", date(2026, 3, 1), "spring", "paid_search")
    assert (row.cost, row.currency, row.clicks) == (Decimal("12.3456"), "EUR", 7)
    assert row.updated_at == row.ingested_at


def test_the_time_of_publication_is_kept_where_the_file_has_it(build):
    [row], _ = build("2026-03-01,google,cpc,spring,1,EUR,7,2026-03-02T16:00:00Z", header=f"{HEADER},updated_at")

    assert row.updated_at == datetime(2026, 3, 2, 16)


def test_the_latest_costs_of_a_campaign_and_day_win():
    assert ad_costs.write == Upsert(order_by="updated_at")
    assert ad_costs.key == ("feed", "cost_date", "source", "medium", "campaign", "currency")


INVALID = [
    ("2026-03-01,google,cpc,summer,-1,EUR,7", "cost_not_negative"),
    ("2026-03-01,google,cpc,autumn,1,EUR,-7", "clicks_not_negative"),
    ("2026-03-01,google,cpc,spring,,EUR,7", "cost_present"),
    ("2026-03-01,,cpc,spring,1,EUR,7", "source_present"),
    ("2026-03-01,google,cpc,spring,1,euro,7", "currency_is_code"),
    ("yesterday,google,cpc,spring,1,EUR,7", "cost_date_fits_type"),
    ("0026-03-01,google,cpc,spring,1,EUR,7", "cost_date_plausible"),
    ("2026-03-01,google", "fields_fit_header"),
]
"""Lines, each with a rule that it violates."""


def test_an_invalid_line_is_quarantined_by_name(build):
    valid, violations = build(*[line for line, _ in INVALID])

    assert valid == []
    assert [line for number, (line, rule) in enumerate(INVALID, 1) if rule not in violations[number]] == []

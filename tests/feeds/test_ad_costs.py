from decimal import Decimal

import pytest

from shoplake.feeds import KINDS, ad_costs
from shoplake.tables.bronze.spend_raw import spend_raw

NATIVE = "cost_date,source,medium,campaign,cost,currency,clicks,impressions"
GOOGLE = "Day,Campaign,Cost,Currency code,Clicks,Impr."
META = "Day,Campaign name,Amount spent (EUR),Link clicks,Impressions"


@pytest.fixture
def costs_of(arrived, zenith):
    """The costs that lines of a file have: day, source, medium, campaign, cost, currency, clicks, impressions."""

    def build(header, *lines, file="spend/one.csv"):
        rows = ad_costs.ad_costs(arrived(spend_raw, *lines, header=header, file=file), zenith).collect()
        return [(str(row.cost_date), *row[2:9], row._type_errors) for row in rows]

    return build


def test_each_export_has_its_folder():
    assert [stream.pattern for stream in ad_costs.STREAMS] == ["spend/*.csv", "google_ads/*.csv", "meta_ads/*.csv"]


def test_kinds_with_a_stream_of_spend_have_the_mapping():
    with_stream = {name for name, kind in KINDS.items() if ad_costs.SPEND in kind.streams}

    assert with_stream == {"zenith", "shopify", "woocommerce", "segment"}
    assert with_stream == {name for name, kind in KINDS.items() if "ad_costs" in kind.mappings}


def test_a_line_of_the_native_file_is_a_cost(costs_of):
    [row] = costs_of(NATIVE, "2026-03-01,Google,CPC,spring,12.5,gbp,25,900")

    assert row == ("2026-03-01", "google", "cpc", "spring", Decimal("12.5000"), "GBP", 25, 900, [])


def test_a_line_without_campaign_and_currency_has_none_and_the_feeds(costs_of):
    [row] = costs_of(NATIVE, "2026-03-01,partner,affiliate,,3,,,")

    assert row == ("2026-03-01", "partner", "affiliate", "(none)", Decimal("3.0000"), "GBP", None, None, [])


def test_an_export_of_google_ads_is_read_as_it_is(costs_of):
    [row] = costs_of(GOOGLE, '2026-03-01,Spring sale,"1,234.56",EUR,"1,200","98,000"', file="google_ads/march.csv")

    assert row == ("2026-03-01", "google", "cpc", "Spring sale", Decimal("1234.5600"), "EUR", 1200, 98000, [])


def test_an_export_of_meta_ads_has_its_currency_in_the_header(costs_of):
    [row] = costs_of(META, "2026-03-01,Lookalike,20.01,40,5000", file="meta_ads/march.csv")

    assert row == ("2026-03-01", "facebook", "paid_social", "Lookalike", Decimal("20.0100"), "EUR", 40, 5000, [])


def test_a_cost_that_is_no_number_is_named(costs_of):
    [row] = costs_of(NATIVE, "2026-03-01,google,cpc,spring,much,GBP,1,1")

    assert (row[4], row[-1]) == (None, ["cost_fits_type"])


@pytest.fixture
def reasons_of(arrived, zenith):
    """The problem of each line of a file."""

    def build(header, *lines):
        rows = ad_costs.ad_costs(arrived(spend_raw, *lines, header=header, file="google_ads/one.csv"), zenith)
        return [row._source.problem for row in rows.orderBy("_source.line").collect()]

    return build


PER_DEVICE = "Day,Campaign,Device,Cost,Currency code"


def test_lines_of_a_campaign_and_day_by_device_are_parts_and_none_counts(reasons_of):
    parts = ["2026-03-01,Spring,Mobile,4,EUR", "2026-03-01,Spring,Desktop,6,EUR"]
    others = ["2026-03-02,Spring,Mobile,4,EUR", "2026-03-01,Autumn,Mobile,4,EUR", "2026-03-01,Spring,Mobile,4,USD"]

    assert reasons_of(PER_DEVICE, *parts, *others) == ["one_line_per_campaign_and_day"] * 2 + [None] * 3


def test_a_line_that_is_there_twice_is_no_part(reasons_of):
    line = "2026-03-01,Spring,Mobile,4,EUR"

    assert reasons_of(PER_DEVICE, line, line, ",Total,,8,EUR", ",Total,,9,EUR") == [None] * 4


def test_versions_of_a_days_cost_in_one_file_are_no_parts(reasons_of):
    lines = [f"2026-03-01,google,cpc,spring,{cost},GBP,2026-03-0{day}T06:00:00Z" for cost, day in ((4, 2), (5, 3))]

    assert reasons_of("cost_date,source,medium,campaign,cost,currency,updated_at", *lines) == [None, None]

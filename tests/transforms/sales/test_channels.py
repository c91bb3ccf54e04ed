import pytest

from shoplake.transforms.sales.channels import (
    CHANNELS,
    PAID_CHANNELS,
    channel,
    is_paid,
    is_returning_from_payment,
    is_self_referral,
)

GROUPED = {
    (None, None): "direct",
    ("", " "): "direct",
    ("(direct)", "(none)"): "direct",
    ("google", "organic"): "organic_search",
    ("www.google.co.uk", "referral"): "organic_search",
    ("bing", None): "organic_search",
    ("google", "CPC"): "paid_search",
    ("anything", "ppc"): "paid_search",
    ("partner", "paidsearch"): "paid_search",
    ("facebook", "paid_social"): "paid_social",
    ("m.facebook.com", "cpc"): "paid_social",
    ("instagram", "social"): "social",
    ("t.co", "referral"): "social",
    ("pinterest", None): "social",
    ("list", " Newsletter "): "email",
    ("newsletter", None): "email",
    ("awin", "affiliate"): "affiliate",
    ("a-blog.example", "referral"): "referral",
    ("network", "display"): "display",
    ("network", "cpm"): "display",
    ("leaflet", "qr"): "(other)",
    ("leaflet", None): "(other)",
    (None, "qr"): "(other)",
    ("googleplex-fans", "referral"): "referral",
}


@pytest.fixture
def values(spark):
    """The values of a column over rows of two texts."""

    def of(column, *rows):
        numbered = spark.createDataFrame([(at, *row) for at, row in enumerate(rows)], "at int, one string, two string")
        return [row.value for row in numbered.select("at", column.alias("value")).orderBy("at").collect()]

    return of


def test_each_source_and_medium_has_its_channel(values):
    assert dict(zip(GROUPED, values(channel("one", "two"), *GROUPED), strict=True)) == GROUPED


def test_every_channel_is_listed_and_occurs():
    assert set(GROUPED.values()) == set(CHANNELS)


def test_the_channels_that_cost_money_are_paid(values):
    paid = values(is_paid("one"), *[(name, None) for name in CHANNELS])

    assert {name for name, is_one in zip(CHANNELS, paid, strict=True) if is_one} == set(PAID_CHANNELS)


def test_a_payment_provider_is_recognised_by_its_name_as_source_or_host(values):
    sources = ("paypal", "www.PayPal.com", "checkout.stripe.com", "pay.klarna.com", "stripes-fashion.example", None)

    given = values(is_returning_from_payment("one"), *[(source, None) for source in sources])

    assert given == [True, True, True, True, False, False]


def test_a_source_that_is_the_shops_own_host_is_a_self_referral(values):
    rows = [
        ("shop.example", "https://www.shop.example/cart"),
        ("www.shop.example", "http://shop.example:8080/"),
        ("other.example", "https://shop.example/"),
        ("shop.example", "/cart"),
        (None, None),
    ]

    assert values(is_self_referral("one", "two"), *rows) == [True, True, False, False, False]

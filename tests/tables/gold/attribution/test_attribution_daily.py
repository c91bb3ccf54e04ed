from collections import Counter
from decimal import Decimal

import pytest

from shoplake.tables.gold.attribution.attribution_daily import attribution_daily
from shoplake.tables.silver.money.ad_costs import ad_costs
from shoplake.transforms.attribution.models import MODELS

from .conftest import bought, visit

ORDERS = [
    bought("o1", "2026-03-31 09:00", "0.9999", is_first_order=True),
    bought("o2", "2026-03-31 10:00", "50.00", returned_net="20.00"),
    bought("o3", "2026-03-31 10:00", "5.00", customer="bob", currency="EUR"),
    bought("o4", "2026-03-31 10:00", "-1.00", customer=None, kind="discount"),
]
VISITS = [
    visit("2026-03-10 09:00", "email"),
    visit("2026-03-11 09:00", "paid_search", utm_campaign="brand"),
    visit("2026-03-12 09:00", "email"),
]
SPEND = {"feed": "shop", "cost_date": "2026-03-31", "channel": "paid_search", "currency": "GBP", "campaign": "brand"}


@pytest.fixture
def daily(some, attributed):
    """The credits of the visits by day, with ad costs."""

    def of(*costs, orders):
        return attribution_daily(attributed(*VISITS, orders=orders), some(ad_costs, *costs))

    return of


def test_each_model_adds_up_to_the_orders_and_revenue_of_the_day_by_currency(daily):
    rows = daily(orders=ORDERS).collect()

    for model in MODELS:
        revenue, net, orders, new = Counter(), Counter(), Counter(), Counter()
        for row in [row for row in rows if row.model == model]:
            revenue[row.currency] += row.revenue
            net[row.currency] += row.net_revenue
            orders[row.currency] += row.orders
            new[row.currency] += row.new_customer_orders
        assert revenue == {"GBP": Decimal("49.9999"), "EUR": Decimal("5")}
        assert net == {"GBP": Decimal("29.9999"), "EUR": Decimal("5")}
        assert (orders, new) == ({"GBP": 2, "EUR": 1}, {"GBP": 1, "EUR": 0})


def test_the_same_channel_twice_adds_up_and_campaigns_stay_apart(daily):
    rows = daily(orders=ORDERS[1:2]).where("model = 'linear'").collect()

    assert {(row.channel, row.campaign): row.revenue for row in rows} == {
        ("email", "(none)"): Decimal("33.33"),
        ("paid_search", "brand"): Decimal("16.67"),
    }


def test_the_spend_of_a_campaign_stands_beside_its_credits_and_gives_the_return_on_it(daily):
    costs = [SPEND | {"source": "google", "cost": "5.00"}, SPEND | {"source": "bing", "cost": "3.33"}]

    rows = daily(*costs, orders=ORDERS[1:2]).where("model = 'linear'").collect()

    assert {row.channel: (row.spend, row.roas and round(row.roas, 4)) for row in rows} == {
        "email": (None, None),
        "paid_search": (Decimal("8.33"), 2.0012),
    }


def test_spend_without_an_order_is_a_row_of_each_model(daily):
    rows = daily(SPEND | {"cost": "5.00", "campaign": "other"}, orders=[]).collect()

    assert {row.model: (row.spend, row.revenue, row.orders, row.roas) for row in rows} == dict.fromkeys(
        MODELS, (5, 0, 0, 0.0)
    )

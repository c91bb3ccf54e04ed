from collections import Counter
from decimal import Decimal

from shoplake.tables.gold.attribution.attribution_daily import attribution_daily
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


def test_each_model_adds_up_to_the_orders_and_revenue_of_the_day_by_currency(attributed):
    rows = attribution_daily(attributed(*VISITS, orders=ORDERS)).collect()

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


def test_the_same_channel_twice_adds_up_and_campaigns_stay_apart(attributed):
    rows = attribution_daily(attributed(*VISITS, orders=ORDERS[1:2])).where("model = 'linear'").collect()

    assert {(row.channel, row.campaign): row.revenue for row in rows} == {
        ("email", "(none)"): Decimal("33.33"),
        ("paid_search", "brand"): Decimal("16.67"),
    }

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from tests.serve.answers.small_shop import MemoryGeneration


@pytest.fixture
def without_orders(browse):
    """A client over a lake with visits and purchase events in two currencies, and without any order."""
    day = {"feed": "shop", "order_date": date(2026, 4, 2)}
    amounts = (("O1", "CHF", "20"), ("O2", "EUR", "30.5"), ("O3", "EUR", "12.25"))
    orders = [
        day
        | {"order_id": id, "currency": currency, "cause": "no_order", "event_revenue": Decimal(amount)}
        | {"no_order": -Decimal(amount)}
        for id, currency, amount in amounts
    ]
    rows = {
        "gold.funnel_daily": [{"feed": "shop", "event_date": date(2026, 4, each)} for each in (1, 2, 3)],
        "gold.reconciliation_orders": orders,
        "gold.reconciliation_daily": [
            day | {"currency": "CHF", "cause": "no_order", "orders": 1},
            day | {"currency": "EUR", "cause": "no_order", "orders": 2},
        ],
    }
    return browse(MemoryGeneration(rows, id="without orders"))


def test_without_orders_the_revenue_of_events_is_shown_and_what_is_missing(without_orders):
    html = without_orders.get("/money").text

    assert '<td class="total n">€42.75</td>' in html
    assert "No order of the feed shop has arrived" in html


def test_sales_without_any_order_are_not_taken_for_zero(without_orders, admin):
    assert "sales are unknown" in without_orders.get("/").text
    assert "sales are unknown" not in admin.get("/").text


def test_a_cause_links_to_its_orders_and_totals_do_not(admin):
    html = admin.get("/money").text

    assert "cause=shipping" in html
    assert re.search(r'<td class="total">Money received</td>', html)
    assert '<td class="total n">£0.00</td>' in html


def test_currencies_are_beside_each_other_and_never_added(admin):
    html = admin.get("/money").text

    assert 'currency=EUR">EUR</a>' in html and 'currency=GBP">GBP</a>' in html


def test_currencies_are_compared_unless_nothing_is(admin):
    assert ">Change</th>" in admin.get("/money").text
    assert ">Change</th>" not in admin.get("/money?compare=none").text


@pytest.mark.parametrize(
    ("measure", "currency", "segment", "link"),
    [
        ("gross_sales", "EUR", "(all)", "sales_lines?feed=shop&currency=EUR"),
        ("gross_sales", "EUR", "country=DE", "sales_lines?feed=shop&by=country&only=DE&currency=EUR"),
        ("units", None, "channel=a&b=c", "sales_lines?feed=shop&by=channel&only=a%26b%3Dc&currency=all"),
        ("orders", None, "device=mobile", "sales_lines?feed=shop&currency=all"),
        ("sessions", None, "(all)", "funnel_members?feed=shop&step=0"),
        ("sessions", None, "device=(unknown)", "funnel_members?feed=shop&by=device&only=%28none%29&step=0"),
    ],
)
def test_a_day_out_of_the_ordinary_links_to_what_it_counts(browse, measure, currency, segment, link):
    values = {"kind": "spike", "actual": Decimal(9), "expected": Decimal(3), "score": 6.0}
    found = {"feed": "shop", "anomaly_date": date(2026, 4, 2), "measure": measure, "currency": currency}
    days = [{"feed": "shop", "currency": "GBP", "sales_date": date(2026, 4, each), "orders": 1} for each in (1, 2, 3)]
    rows = {"gold.sales_daily": days, "gold.sales_anomalies": [found | values | {"segment": segment}]}

    page = unescape(browse(MemoryGeneration(rows, id=f"{measure} of {segment}")).get("/money").text)

    assert f'href="/rows/{link}&since=2026-04-02&until=2026-04-02"' in page

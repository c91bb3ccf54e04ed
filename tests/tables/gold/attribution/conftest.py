"""A small shop: sessions of people, orders, and the tables of attribution made of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shoplake.tables.gold.attribution.attribution_daily import attribution_daily
from shoplake.tables.gold.attribution.attribution_touches import attribution_touches
from shoplake.tables.gold.attribution.attribution_weights import attribution_weights
from shoplake.tables.gold.attribution.channel_transitions import channel_transitions
from shoplake.tables.gold.attribution.session_touches import session_touches
from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.silver.identity.session_identity import session_identity
from shoplake.tables.silver.money.ad_costs import ad_costs
from shoplake.tables.silver.sessions import sessions

CHANNELS = {
    "direct": (None, None),
    "email": ("list", "email"),
    "organic_search": ("google", "organic"),
    "paid_search": ("google", "cpc"),
    "paypal": ("www.paypal.com", "referral"),
    "self": ("shop.example", "referral"),
}
BRINGS_NOBODY = ("paypal", "self")


def visit(at, channel="direct", person="ann", **others):
    """A session that starts at a time such as `2026-03-01 09:00`."""
    source, medium = CHANNELS[channel]
    row = {"feed": "shop", "session_id": f"{person} {at} {channel}", "visitor_id": person, "started_at": at}
    row |= {"ended_at": at, "session_date": at[:10], "ended_date": at[:10], "is_bot": False}
    row |= {"utm_source": source, "utm_medium": medium, "landing_page": "https://www.shop.example/"}
    return row | {"channel": "referral" if channel in BRINGS_NOBODY else channel} | others


def bought(order_id, at, net="100.00", customer="ann", **others):
    """An order of one line of goods."""
    row = {"feed": "shop", "order_id": order_id, "document_id": order_id, "line_number": 1, "kind": "sale"}
    row |= {"order_date": at[:10], "ordered_at": at, "currency": "GBP", "customer_id": customer}
    row |= {"is_cancelled": False, "gross": net, "discount": "0", "net": net, "returned_net": "0"}
    return row | {"is_first_order": None if customer is None else False} | others


@pytest.fixture
def touched(some):
    """The touches of sessions."""

    def of(*visits, persons=()):
        return session_touches(some(sessions, *visits), some(session_identity, *persons))

    return of


@pytest.fixture
def attributed(some, touched):
    """The touches of orders, fitted to the same orders unless weights are given."""

    def of(*visits, orders, events=(), persons=(), weights=None):
        inputs = (some(order_values, *orders), some(purchases, *events), touched(*visits, persons=persons))
        if weights is not None:
            return attribution_touches(*inputs, some(attribution_weights, *weights))
        return attribution_touches(*inputs, attribution_weights(channel_transitions(*inputs)))

    return of


@pytest.fixture
def credited(some, attributed):
    """The revenue of a model by channel."""

    def of(model, *visits, **others):
        rows = (
            attribution_daily(attributed(*visits, **others), some(ad_costs))
            .where(f"model = '{model}' AND revenue <> 0")
            .collect()
        )
        result: dict[str, Decimal] = {}
        for row in rows:
            result[row.channel] = result.get(row.channel, Decimal(0)) + row.revenue
        return result

    return of

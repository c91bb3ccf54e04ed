from datetime import timedelta

import pytest

ORDERS = "orders WHERE status <> 'cancelled' AND order_date BETWEEN '{}' AND '{}'"
EVENTS = "events WHERE timezone('Europe/London', event_at)::DATE BETWEEN '{}' AND '{}'"


@pytest.fixture(scope="module")
def odd(realistic):
    return realistic(orders=3_000, customers=700, products=40, days=170)


@pytest.fixture(scope="module")
def labels(odd):
    rows = odd.rows(f"SELECT * FROM read_parquet('{odd.folder}/ground_truth/anomalies.parquet')")
    return {kind: (str(first), str(last), moved) for kind, first, last, *_, moved in rows}


@pytest.fixture
def during(odd, labels):
    """Evaluate an aggregate over the days of an anomaly."""

    def ask(kind, aggregate, source, more="true"):
        return odd.value(f"SELECT {aggregate} FROM {source.format(*labels[kind])} AND {more}")

    return ask


@pytest.fixture
def usually(odd, labels):
    """Evaluate an aggregate over the week before an anomaly, per day of the anomaly."""

    def ask(kind, aggregate, source, more="true"):
        first, last, _ = labels[kind]
        start, end = (odd.value(f"SELECT '{first}'::DATE") - timedelta(days) for days in (7, 1))
        days = odd.value(f"SELECT '{last}'::DATE - '{first}'::DATE") + 1
        return odd.value(f"SELECT {aggregate} FROM {source.format(start, end)} AND {more}") * days / 7

    return ask


def test_twelve_kinds_are_labelled(labels):
    assert len(labels) == 12


def test_a_tracker_outage_loses_the_events_and_keeps_the_orders(during, labels):
    assert during("tracker_outage", "count(*)", EVENTS) == 0
    assert during("tracker_outage", "count(*)", ORDERS) > 5
    assert labels["tracker_outage"][2] < -50


def test_a_payment_outage_stops_sessions_at_the_checkout(during, labels):
    sessions = "count(DISTINCT session_id) FILTER (event_name = '{}')"
    checkouts, purchases = (
        during("payment_outage", sessions.format(name), EVENTS) for name in ("checkout_started", "purchase")
    )

    assert checkouts - purchases >= -labels["payment_outage"][2] > 0


def test_doubled_events_have_other_ids(during, labels):
    count = during("doubled_events", "count(*)", EVENTS)
    distinct = during("doubled_events", "count(DISTINCT (event_at, anonymous_id, event_name, product_id))", EVENTS)

    assert (count, count - distinct) == (2 * labels["doubled_events"][2], labels["doubled_events"][2])


def test_prices_are_a_hundredfold_in_one_country(during, labels, usually):
    gross = during("price_x100", "sum(gross)", ORDERS, "country = 'GB'")

    assert gross > 30 * usually("price_x100", "sum(gross)", ORDERS, "country = 'GB'")
    assert labels["price_x100"][2] > 0


def test_a_flood_of_bots_comes_from_desktops_and_buys_nothing(during, labels, usually):
    views = during("bot_flood", "count(*)", EVENTS, "event_name = 'product_view'")

    assert views > 3 * usually("bot_flood", "count(*)", EVENTS, "event_name = 'product_view'")
    assert during("bot_flood", "count(*)", EVENTS, "user_agent ILIKE '%bot%'") < views / 5


def test_the_best_seller_is_not_sold_while_it_is_out_of_stock(odd, during, usually):
    best = odd.value("SELECT mode(product_id) FROM events WHERE event_name = 'purchase'")
    pieces = f"coalesce(sum(list_sum([line.quantity FOR line IN lines IF line.product_id = '{best}'])), 0)"

    assert during("stockout_best_seller", pieces, ORDERS) == 0 < usually("stockout_best_seller", pieces, ORDERS)


@pytest.mark.parametrize(
    ("kind", "where", "factor"),
    [
        ("bank_holiday", "true", 0.7),
        ("site_outage", "true", 0.5),
        ("country_outage", "country = 'DE'", 0.1),
    ],
)
def test_orders_are_missing(during, usually, labels, kind, where, factor):
    assert during(kind, "count(*)", ORDERS, where) <= factor * usually(kind, "count(*)", ORDERS, where)
    assert labels[kind][2] < 0


def test_a_broken_checkout_concerns_mobile_devices(during, usually):
    mobile = "device = 'mobile' AND event_name = 'purchase'"
    count = "count(DISTINCT order_id)"
    source = EVENTS

    assert during("mobile_checkout_broken", count, source, mobile) < 0.5 * usually(
        "mobile_checkout_broken", count, source, mobile
    )


def test_a_campaign_brings_orders_by_email(odd, during, usually, labels):
    campaign = "order_id IN (SELECT order_id FROM true_orders WHERE lead_medium = 'email' AND is_incremental)"

    assert during("campaign", "count(*)", ORDERS, campaign) >= 0.9 * labels["campaign"][2] > 10
    assert during("campaign", "count(*)", ORDERS) > 1.3 * usually("campaign", "count(*)", ORDERS)


def test_nobody_comes_by_paid_search_while_it_is_paused(during, usually):
    assert during("paid_search_paused", "count(*)", EVENTS, "utm_medium = 'cpc'") < 0.1 * usually(
        "paid_search_paused", "count(*)", EVENTS, "utm_medium = 'cpc'"
    )

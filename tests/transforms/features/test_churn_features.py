from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.features.churn_features import CHURN_FEATURES, NEVER
from shoplake.transforms.features.point_in_time import Knowledge, compute_features

DAY = date(2026, 6, 1)
FEEDS = (Feed("shop", ZENITH, "landing", "UTC", "GBP"),)
KNOWN = Knowledge(known_at=datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def lines():
    """Random goods sales, discounts and returns of five customers, and cancelled ones."""
    random = Random(7)
    kinds = [("sale", "goods", "paid")] * 4 + [("sale", "discount", None), ("return", "goods", None)]
    kinds += [("sale", "goods", "cancelled"), ("return", "goods", "cancelled")]
    rows = []
    for _ in range(80):
        kind, line_class, status = random.choice(kinds)
        at = datetime(2026, 6, 3, 12) - timedelta(days=random.randrange(0, 500), hours=random.randrange(24))
        rows.append(
            {
                "feed": "shop",
                "customer_id": random.choice("abcde"),
                "ordered_at": f"{at}",
                "ingested_at": f"{at}",
                "kind": kind,
                "line_class": line_class,
                "status": status,
                "quantity": random.randrange(1, 5),
                "product_id": random.choice("xyz"),
            }
        )
    return rows


def by_hand(lines, customer):
    """The order features in plain Python."""
    past = [(DAY - date.fromisoformat(row["ordered_at"][:10]), row) for row in lines if row["customer_id"] == customer]
    past = [(age.days, row) for age, row in past if age.days > 0]
    sales = [
        (age, row)
        for age, row in past
        if (row["kind"], row["line_class"]) == ("sale", "goods") and row["status"] != "cancelled"
    ]
    year = [(age, row) for age, row in sales if age <= 365]
    ages = sorted({age for age, _ in sales})
    gaps = len(ages) - 1
    returned = [age for age, row in past if row["kind"] == "return" and row["status"] != "cancelled"]
    return {
        "days_since_last_order": ages[0] if ages else NEVER,
        "days_since_first_order": ages[-1] if ages else 0,
        "order_days": len(ages),
        "order_days_365d": len({age for age, _ in year}),
        "order_days_90d": len({age for age, _ in sales if age <= 90}),
        "usual_gap_days": (ages[-1] - ages[0]) / gaps if gaps > 0 else 0,
        "gaps_since_last_order": ages[0] * gaps / (ages[-1] - ages[0]) if gaps > 0 else 0,
        "units_365d": sum(row["quantity"] for _, row in year),
        "products_365d": len({row["product_id"] for _, row in year}),
        "discounted_order_days": len({age for age, row in past if row["line_class"] == "discount"}),
        "return_days_365d": len({age for age in returned if age <= 365}),
    }


def test_features_of_orders_are_those_of_plain_python(some, lines):
    orders = [each for each in CHURN_FEATURES if each.source == "silver.order_lines"]

    rows = compute_features(orders, {"silver.order_lines": some(order_lines, *lines)}, None, [DAY], FEEDS, KNOWN)

    found = {row.customer_id: row.asDict() for row in rows.collect()}
    assert found.keys() == {row["customer_id"] for row in lines}
    for customer, row in found.items():
        expected = by_hand(lines, customer)
        assert {name: row[name] for name in expected} == pytest.approx(expected)


def test_features_of_visits_leave_out_bots_and_count_days(some):
    event = {"feed": "shop", "customer_id": "a", "is_bot": False, "ingested_at": "2026-05-30"}
    rows = [
        {"event_id": "1", "event_at": "2026-05-31 09:00", "event_name": "product_view", "device": "mobile"},
        {"event_id": "2", "event_at": "2026-05-31 10:00", "event_name": "add_to_cart", "utm_medium": "CPC"},
        {"event_id": "3", "event_at": "2026-03-10 10:00", "event_name": "product_view", "utm_medium": "email"},
        {"event_id": "4", "event_at": "2026-05-20 10:00", "event_name": "product_view", "is_bot": True},
    ]
    visits = [each for each in CHURN_FEATURES if each.source == "silver.events"]

    [row] = compute_features(
        visits, {"silver.events": some(events, *[event | each for each in rows])}, None, [DAY], FEEDS, KNOWN
    ).collect()

    assert tuple(row)[3:] == (1, 1, 2, 2, 1, 1, 1)

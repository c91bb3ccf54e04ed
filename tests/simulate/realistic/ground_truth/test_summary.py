from collections import Counter
from decimal import Decimal


def summed(rows):
    """Add up amounts by day and currency."""
    sums = Counter()
    for day, currency, amount in rows:
        sums[str(day), currency] += amount
    return {key: amount for key, amount in sums.items() if amount}


def amounts_of(ground_truth, name):
    days = ground_truth["sales_daily"].items()
    amounts = {(day, currency): Decimal(each[name]) for day, by in days for currency, each in by.items()}
    return {key: amount for key, amount in amounts.items() if amount}


def test_sales_by_day_and_currency_are_those_of_the_newest_versions(shop):
    rows = shop.rows("SELECT order_date, currency, gross, discount, shipping, paid, status FROM orders")
    sold = [row for row in rows if row[-1] != "cancelled"]

    for position, name in enumerate(("gross_sales", "discounts", "shipping", "paid"), 2):
        assert amounts_of(shop.ground_truth, name) == summed((*row[:2], row[position]) for row in sold)
    cancelled = summed((*row[:2], 1) for row in rows if row[-1] == "cancelled")
    assert amounts_of(shop.ground_truth, "cancelled_orders") == cancelled != {}


def test_returns_are_on_the_day_of_the_refund(shop):
    rows = shop.rows("SELECT refund_date, currency, goods FROM refunds")

    assert amounts_of(shop.ground_truth, "returns") == summed(rows) != {}


def test_the_counts_are_those_of_the_files(shop):
    counts = {
        "events": "SELECT count(*) FROM events",
        "orders": "SELECT count(*) FROM orders",
        "cancelled_orders": "SELECT count(*) FROM orders WHERE status = 'cancelled'",
        "edited_orders": "SELECT count(*) FROM orders o JOIN first_orders f USING (order_id) WHERE o.lines <> f.lines",
        "guest_orders": "SELECT count(*) FROM orders WHERE customer_id IS NULL",
        "orders_without_events": "SELECT count(*) FROM orders ANTI JOIN events USING (order_id)",
        "refunds": "SELECT count(*) FROM refunds",
        "returns_without_order": "SELECT count(*) FROM refunds ANTI JOIN orders USING (order_id)",
    }

    found = {name: shop.value(sql) for name, sql in counts.items()}

    assert found == {name: shop.ground_truth[name] for name in counts}
    assert min(found.values()) > 0

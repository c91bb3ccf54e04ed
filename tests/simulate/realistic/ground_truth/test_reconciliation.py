from collections import Counter
from decimal import Decimal

import pytest

NATURAL = {"discount", "shipping", "refund"}
PLANTED = {"no_event", "no_order", "duplicate_event", "quantity_differs", "price_differs", "product_missing"}
PLANTED |= {"currency", "unpaid", "overpaid", "chargeback"}
TRUTH = "read_parquet('{}/ground_truth/reconciliation.parquet')"


@pytest.fixture(scope="module", params=["usual days", "anomalies"])
def shop(request, realistic, shop):
    return realistic(orders=3_000, customers=700, products=40, days=170) if request.param == "anomalies" else shop


@pytest.fixture(scope="module")
def truth(shop):
    return shop.rows("SELECT * FROM " + TRUTH.format(shop.folder))


PURCHASES = """SELECT order_id, product_id, quantity, price, currency FROM events
    WHERE event_name = 'purchase' ORDER BY event_at"""


def totals(rows):
    sums = Counter()
    for *key, amount in rows:
        sums[tuple(map(str, key))] += amount or 0
    return {key: amount for key, amount in sums.items() if amount}


def added(one, other):
    return totals([(*key, amount) for part in (one, other) for key, amount in part.items()])


def causes_between(truth, between):
    return totals((row[0], row[5], row[6]) for row in truth if row[3] == between)


REVENUE = """SELECT order_id, currency, sum(quantity * price)::DECIMAL(18,4) FROM events
    WHERE event_name = 'purchase' GROUP BY ALL"""
SALES = (
    "SELECT order_id, currency, (gross - discount + shipping)::DECIMAL(18,4) FROM orders WHERE status <> 'cancelled'"
)
PAID = """SELECT order_id, currency, paid::DECIMAL(18,4) FROM orders WHERE status <> 'cancelled'
    UNION ALL SELECT order_id, currency, -amount FROM refunds"""


def test_events_and_their_causes_give_the_orders_of_each_currency(shop, truth):
    events, orders = totals(shop.rows(REVENUE)), totals(shop.rows(SALES))

    assert added(events, causes_between(truth, "events and orders")) == orders


def test_orders_and_their_causes_give_the_payments_without_refunds(shop, truth):
    orders, paid = totals(shop.rows(SALES)), totals(shop.rows(PAID))

    assert added(orders, causes_between(truth, "orders and payments")) == paid


def test_every_cause_occurs(truth):
    assert {row[4] for row in truth} - {"rounding"} == NATURAL | PLANTED


def by_cause(truth, *names):
    return totals((row[4], row[0], row[6]) for row in truth if row[4] in names)


def test_causes_of_events_are_those_that_the_files_show(shop, truth):
    """Recompute the causes line by line from events and newest orders."""
    seen, repeats, currencies = {}, Counter(), {}
    for order, product, quantity, price, currency in shop.rows(PURCHASES):
        currencies[order] = currency
        if (order, product) in seen:
            repeats[order] += quantity * price
        else:
            seen[order, product] = (quantity, price)
    shown = Counter()
    for order, currency, lines in shop.rows("SELECT order_id, currency, lines FROM orders WHERE status <> 'cancelled'"):
        if order not in currencies:
            shown["no_event", order] = sum(line["quantity"] * line["unit_price"] for line in lines)
        elif currencies[order] == currency:
            shown["duplicate_event", order] = -repeats[order]
            for line in lines:
                quantity, price = seen.get((order, line["product_id"]), (0, Decimal(0)))
                if not quantity:
                    shown["product_missing", order] += line["quantity"] * line["unit_price"]
                    continue
                shown["quantity_differs", order] += (line["quantity"] - quantity) * line["unit_price"]
                shown["price_differs", order] += quantity * (line["unit_price"] - price)
    names = ("no_event", "duplicate_event", "product_missing", "quantity_differs", "price_differs")

    assert by_cause(truth, *names) == {key: amount for key, amount in shown.items() if amount}


def test_an_order_without_a_sale_takes_back_its_events(shop, truth):
    sold = {order for (order,) in shop.rows("SELECT order_id FROM orders WHERE status <> 'cancelled'")}
    lost = {("no_order", order): -amount for order, _, amount in shop.rows(REVENUE) if order not in sold}

    assert by_cause(truth, "no_order") == lost


def test_a_refund_has_the_day_on_which_it_is_made(shop, truth):
    files = shop.rows("SELECT order_id, refund_date, -amount FROM refunds")

    assert sorted((row[0], row[2], row[6]) for row in truth if row[4] == "refund") == sorted(files)

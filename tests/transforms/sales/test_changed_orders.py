from sample_orders import event, line, rate, touch, value, version, weight

from shoplake.tables.gold.attribution.attribution_weights import attribution_weights
from shoplake.tables.gold.attribution.session_touches import session_touches
from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products
from shoplake.transforms.sales.changed_orders import (
    find_customers_of_rates,
    find_orders_of_products,
    find_orders_of_rates,
    find_orders_of_sessions,
    find_orders_of_weights,
)


def orders(rows):
    return sorted({row.order_id for row in rows.collect()})


def test_the_orders_of_a_product_are_those_in_the_time_of_its_version(some):
    lines = some(order_lines, line("o1", 1), line("o2", 3), line("o3", 4), line("o4", 3, product="mug"))

    assert orders(find_orders_of_products(some(products, version("lamp", 2, 4)), lines)) == ["o2"]
    assert orders(find_orders_of_products(some(products, version("lamp", 3)), lines)) == ["o2", "o3"]


def test_the_orders_and_customers_of_a_rate_are_those_in_its_currency_on_its_days(some):
    lines = some(order_lines, line("o1", 1, currency="eur"), line("o2", 3, "bob", currency="EUR"), line("o3", 3))

    assert orders(find_orders_of_rates(some(exchange_rate_periods, rate(1, 2)), lines)) == ["o1"]
    assert orders(find_orders_of_rates(some(exchange_rate_periods, rate(1)), lines)) == ["o1", "o2"]
    customers = find_customers_of_rates(some(exchange_rate_periods, rate(3)), lines)
    assert [row.customer_id for row in customers.collect()] == ["bob"]


def test_the_orders_of_weights_are_those_of_the_days_they_are_used_for(some):
    values = some(order_values, value("o1", 1), value("o2", 3), value("o3", 5))

    assert orders(find_orders_of_weights(some(attribution_weights, weight(2, 4)), values)) == ["o2"]


def test_the_orders_of_a_session_are_those_of_its_person_and_of_its_purchases(some):
    values = some(order_values, value("o1", 3), value("o2", 3, "bob"), value("o3", 3, None), value("o4", 3, None))
    bought = some(purchases, event("o3", 3, "e1", "s1"), event("o4", 3, "e2", "s2"))
    touches = [touch("s1", 1, "cy"), touch("s2", 2, "bob"), touch("s3", 3, "dan")]

    def of(*changed):
        sessions = some(session_touches, *changed), values, bought, some(session_touches, *touches)
        return orders(find_orders_of_sessions(*sessions))

    assert of(touch("s9", 1, "ann")) == ["o1"]
    assert of(touch("s9", 1, "bob")) == ["o2", "o4"]
    assert of(touch("s1", 1, "cy")) == ["o3"]
    assert of(touch("s9", 9, "ann")) == []

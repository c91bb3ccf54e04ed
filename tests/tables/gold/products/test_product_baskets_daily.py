from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.sessions import sessions

from .oracle import count_days, count_products, draw_lines


def test_baskets_are_counted_by_product_and_by_day(some):
    lines = draw_lines()

    rows = product_baskets_daily(some(order_lines, *lines), some(events), some(sessions)).collect()

    assert {(str(row.basket_date), row.product_id): row.baskets for row in rows} == count_products(lines)
    assert {str(row.basket_date): row.baskets_of_day for row in rows} == count_days(lines)

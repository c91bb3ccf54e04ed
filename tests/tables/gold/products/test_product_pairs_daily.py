from shoplake.tables.gold.products.product_pairs_daily import product_pairs_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.sessions import sessions

from .oracle import count_pairs, draw_lines


def test_pairs_are_those_of_each_days_orders(some):
    lines = draw_lines()

    rows = product_pairs_daily(some(order_lines, *lines), some(events), some(sessions)).collect()

    assert {(str(row.basket_date), row.product_a, row.product_b): row.together for row in rows} == count_pairs(lines)
    assert {(row.feed, row.unit) for row in rows} == {("shop", "basket")}


def test_a_large_basket_has_the_pairs_of_its_sample(some):
    line = draw_lines(orders=1)[0] | {"status": "paid"}
    lines = [line | {"product_id": f"p{number}"} for number in range(9)]

    rows = product_pairs_daily(some(order_lines, *lines), some(events), some(sessions), max_products=4).collect()

    assert len(rows) == 4 * 3 / 2

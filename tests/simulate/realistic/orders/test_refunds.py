def test_goods_come_back_within_two_weeks_and_never_more_than_was_bought(shop):
    pairs = "refunds r JOIN orders o USING (order_id)"
    late = f"""SELECT count(*) FROM {pairs} WHERE r.refunded_at::TIMESTAMPTZ NOT BETWEEN
        o.ordered_at::TIMESTAMPTZ + INTERVAL 1 DAY AND o.ordered_at::TIMESTAMPTZ + INTERVAL 16 DAY"""

    assert shop.value(late) == 0
    assert shop.value(f"SELECT count(*) FROM {pairs} WHERE r.goods > o.gross OR r.goods <= 0") == 0
    assert shop.value(f"SELECT count(*) FROM {pairs}") > 15


def test_a_refund_has_customer_currency_and_a_paid_payment_of_its_order(shop):
    pairs = "refunds r JOIN orders o USING (order_id)"
    paid = "list_contains([each.payment_id FOR each IN o.payments IF each.status = 'paid'], r.payment_id)"

    assert shop.value(f"SELECT count(*) FROM {pairs} WHERE NOT {paid} OR r.currency <> o.currency") == 0
    assert shop.value(f"SELECT count(*) FROM {pairs} WHERE r.customer_id IS DISTINCT FROM o.customer_id") == 0


def test_some_customers_return_what_they_ordered_before_the_first_day(shop):
    returned = shop.rows("SELECT customer_id FROM refunds WHERE order_id NOT IN (SELECT order_id FROM orders)")
    buyers = shop.rows("SELECT DISTINCT customer_id FROM orders")

    assert returned and not set(returned) & set(buyers)


def test_cancelled_orders_are_not_returned(shop):
    assert shop.value("SELECT count(*) FROM refunds JOIN orders USING (order_id) WHERE status = 'cancelled'") == 0

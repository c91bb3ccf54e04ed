def test_orders_have_the_money_of_the_newest_version(shop):
    files = "SELECT order_id, customer_id, order_date, country, currency, gross, discount, shipping, paid FROM orders"
    truth = files.replace("FROM orders", "FROM true_orders")

    assert shop.rows(f"{files} ORDER BY order_id") == shop.rows(f"{truth} ORDER BY order_id")


def test_every_event_has_one_person(shop):
    assert (
        shop.rows("SELECT event_id, anonymous_id FROM events EXCEPT SELECT event_id, anonymous_id FROM true_events")
        == []
    )
    assert shop.value("SELECT count(*) - count(DISTINCT event_id) FROM true_events") == 0


def test_a_login_names_a_customer_of_the_person(shop):
    logins = "events JOIN true_events USING (event_id) JOIN true_customers ON user_id = customer_id"

    assert shop.value(f"SELECT count(*) FROM {logins} WHERE true_events.person_id <> true_customers.person_id") == 0
    assert shop.value(f"SELECT count(*) FROM {logins}") > 1_000


def test_an_order_and_its_purchase_are_of_one_person(shop):
    pairs = "true_orders o JOIN events USING (order_id) JOIN true_events e USING (event_id)"

    assert shop.value(f"SELECT count(*) FROM {pairs} WHERE o.person_id <> e.person_id") == 0


def test_customers_have_their_number_of_orders_and_their_first(shop):
    sold = (
        "SELECT customer_id, count(*) FROM orders WHERE status <> 'cancelled' AND customer_id IS NOT NULL GROUP BY ALL"
    )
    truth = "SELECT customer_id, orders FROM true_customers WHERE orders > 0"

    assert sorted(shop.rows(sold)) == sorted(shop.rows(truth))


def test_the_first_order_of_a_customer_has_the_time_of_the_truth(shop):
    files = "SELECT customer_id, min(ordered_at)::TIMESTAMPTZ FROM orders WHERE customer_id IS NOT NULL GROUP BY ALL"
    truth = "SELECT customer_id, first_order_at FROM true_customers WHERE first_order_at IS NOT NULL"

    assert sorted(shop.rows(files)) == sorted(shop.rows(truth))


def test_nobody_orders_after_leaving(shop):
    late = "true_orders JOIN true_customers USING (customer_id) WHERE ordered_at > left_at"

    assert shop.value(f"SELECT count(*) FROM {late}") == 0
    assert shop.value("SELECT count(left_at) FROM true_customers") > 50


def test_refunds_have_their_amount_and_day(shop):
    files = "SELECT refund_id, refund_date, amount FROM refunds ORDER BY 1"

    assert shop.rows(files) == shop.rows(files.replace("FROM refunds", "FROM true_refunds"))

def test_a_session_with_an_order_views_adds_and_buys_each_product(realistic):
    plain = realistic(features=())
    steps = """SELECT order_id FROM (SELECT session_id, product_id, order_id, event_at FROM events
        WHERE event_name = 'purchase') p WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.session_id = p.session_id
        AND e.product_id = p.product_id AND e.event_name = '{}' AND e.event_at <= p.event_at)"""

    assert plain.rows(steps.format("product_view")) == plain.rows(steps.format("add_to_cart")) == []
    assert plain.value("SELECT count(*) FROM events WHERE event_name = 'purchase'") > 700


def test_a_purchase_follows_its_checkout(realistic):
    plain = realistic(features=())
    order = """SELECT count(*) FROM events p JOIN events c USING (session_id)
        WHERE p.event_name = 'purchase' AND c.event_name = 'checkout_started' AND {}"""

    assert plain.value(order.format("c.event_at > p.event_at")) == 0 < plain.value(order.format("true"))


def test_a_session_begins_with_a_page_and_has_no_gap_of_half_an_hour(realistic):
    plain = realistic(features=())
    first = "SELECT DISTINCT arg_min(event_name, event_at) FROM events GROUP BY session_id"
    gap = "event_at - lag(event_at) OVER (PARTITION BY session_id ORDER BY event_at) AS gap"

    assert plain.rows(first) == [("page_view",)]
    assert plain.value(f"SELECT max(gap) FROM (SELECT {gap} FROM events)").total_seconds() <= 900


def test_bots_view_products_and_buy_nothing(shop):
    names = shop.rows("SELECT event_name, count(*) FROM events WHERE user_agent ILIKE '%bot%' GROUP BY ALL")

    assert {name for name, _ in names} == {"page_view", "product_view"}
    assert dict(names)["product_view"] > 3 * dict(names)["page_view"]


def test_some_carts_are_left(shop):
    left = """SELECT count(*) FROM (SELECT session_id FROM events GROUP BY ALL
        HAVING bool_or(event_name = 'add_to_cart') AND NOT bool_or(event_name = 'purchase'))"""

    assert shop.value(left) > 50
    assert shop.value("SELECT max(quantity) FROM events WHERE event_name = 'product_view'") is None

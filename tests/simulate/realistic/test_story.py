import numpy as np

from shoplake.simulate.realistic.story import build_world, tell_story


def test_numbers_follow_the_time_of_the_orders(world):
    story = tell_story(build_world(world.options))
    there = np.flatnonzero(story.numbers)
    by_number = there[np.argsort(story.numbers[there])]

    assert story.numbers[by_number].tolist() == list(range(1, len(there) + 1))
    assert (np.diff(story.priced.at[by_number]) >= 0).all()


def test_an_order_is_made_at_the_moment_of_its_first_purchase(shop):
    purchases = "SELECT order_id, min(event_at) AS bought_at FROM events WHERE order_id IS NOT NULL GROUP BY ALL"
    times = f"({purchases}) JOIN orders USING (order_id)"

    assert shop.value(f"SELECT count(*) FROM {times} WHERE bought_at <> ordered_at::TIMESTAMPTZ") == 0
    assert shop.value(f"SELECT count(*) FROM {times}") > 700


def test_without_features_purchases_and_orders_agree_line_by_line(realistic):
    plain = realistic(features=())
    bought = "SELECT order_id, product_id, quantity, price, currency FROM events WHERE event_name = 'purchase'"
    each = "(SELECT order_id, currency, unnest(lines) AS line FROM orders)"
    lines = f"SELECT order_id, line.product_id, line.quantity, line.unit_price, currency FROM {each}"

    assert plain.rows(f"{bought} EXCEPT {lines}") == []
    assert plain.value("SELECT count(*) FROM orders WHERE paid <> gross - discount + shipping") == 0
    assert plain.value("SELECT count(DISTINCT currency) FROM orders") == 1

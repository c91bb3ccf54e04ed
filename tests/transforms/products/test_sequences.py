from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.sessions import sessions
from shoplake.transforms.products.baskets import collect_baskets
from shoplake.transforms.products.sequences import collect_sequences

SESSION = {"feed": "shop", "session_id": "s1", "visitor_id": "ann", "product_views": 2, "purchases": 1, "is_bot": False}
SESSION |= {"started_at": "2026-03-01 23:00:00", "ended_at": "2026-03-02 00:10:00"}


def step(time, product, name="product_view", day="2026-03-01", visitor="ann"):
    event = {"feed": "shop", "visitor_id": visitor, "event_name": name, "product_id": product}
    return event | {"event_at": f"{day} {time}", "event_date": day}


def collected(some, *steps, session=SESSION, **parameters):
    rows = collect_sequences(some(events, *steps), some(sessions, session), **parameters).collect()
    return sorted((str(row.event_date), row.bought_id, sorted(row.viewed)) for row in rows)


def test_what_was_viewed_before_or_at_the_purchase_counts_and_the_product_itself_does_not(some):
    steps = [step("23:01:00", "a"), step("23:02:00", "b"), step("23:05:00", "b", "purchase"), step("23:05:00", "c")]

    assert collected(some, *steps, step("23:06:00", "d")) == [("2026-03-01", "b", ["a", "c"])]


def test_the_first_view_and_the_last_purchase_count(some):
    steps = [step("23:01:00", "b", "purchase"), step("23:02:00", "a"), step("23:03:00", "b", "purchase")]

    assert collected(some, *steps, step("23:09:00", "a")) == [("2026-03-01", "b", ["a"])]


def test_a_session_over_midnight_is_one_on_each_day(some):
    steps = [step("23:59:00", "a"), step("00:01:00", "c", day="2026-03-02")]

    bought = step("00:02:00", "b", "purchase", day="2026-03-02")

    assert collected(some, *steps, bought) == [("2026-03-02", "b", ["c"])]


def test_bots_and_steps_outside_the_session_are_left_out(some):
    steps = [step("23:01:00", "a"), step("23:02:00", "b", "purchase")]
    others = [step("22:59:00", "c"), step("23:01:00", "d", visitor="bob")]

    assert collected(some, *steps, *others) == [("2026-03-01", "b", ["a"])]
    assert collected(some, *steps, session=SESSION | {"is_bot": True}) == []


def test_of_a_long_session_a_sample_counts_that_is_the_same_in_any_order(some):
    steps = [step("23:01:00", f"p{number}") for number in range(9)] + [step("23:02:00", "b", "purchase")]

    [forth] = collected(some, *steps, max_products=4)

    assert collected(some, *steps[::-1], max_products=4) == [forth]
    assert len(forth[2]) == 4


def test_of_a_long_session_the_views_that_count_are_those_of_its_basket(some):
    steps = [step("23:01:00", f"p{number}") for number in range(30)] + [step("23:02:00", "b", "purchase")]

    [(_, _, viewed)] = collected(some, *steps, max_products=10)

    frames = some(order_lines), some(events, *steps), some(sessions, SESSION)
    assert [row.products for row in collect_baskets(*frames, max_products=10).collect()] == [viewed]

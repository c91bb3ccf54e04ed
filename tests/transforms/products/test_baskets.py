from shoplake.tables.silver.events import events
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.sessions import sessions
from shoplake.transforms.products.baskets import collect_baskets, count_members

SOLD = {"feed": "shop", "order_id": "o1", "order_date": "2026-03-01", "kind": "sale", "line_class": "goods"}
VIEW = {"feed": "shop", "visitor_id": "ann", "event_name": "product_view", "event_date": "2026-03-01"}
SESSION = {"feed": "shop", "session_id": "s1", "visitor_id": "ann", "product_views": 2, "is_bot": False}
SESSION |= {"started_at": "2026-03-01 23:50:00", "ended_at": "2026-03-02 00:10:00"}


def collected(some, sold=(), seen=(), visits=(), **parameters):
    rows = collect_baskets(some(order_lines, *sold), some(events, *seen), some(sessions, *visits), **parameters)
    return sorted((row.unit, str(row.basket_date), row.products) for row in rows.collect())


def test_a_basket_is_the_distinct_goods_of_an_order_that_is_not_cancelled(some):
    lines = [SOLD | {"product_id": product} for product in ("b", "a", "a")]
    others = [
        SOLD | {"product_id": "c", "kind": "return"},
        SOLD | {"product_id": "d", "line_class": "other"},
        SOLD | {"product_id": "e", "order_id": "o2", "status": "cancelled"},
    ]

    assert collected(some, lines + others) == [("basket", "2026-03-01", ["a", "b"])]


def test_a_session_over_midnight_is_one_on_each_day(some):
    seen = [
        VIEW | {"event_at": "2026-03-01 23:50:00", "product_id": "a"},
        VIEW | {"event_at": "2026-03-02 00:10:00", "event_date": "2026-03-02", "product_id": "b"},
        VIEW | {"event_at": "2026-03-01 23:51:00", "product_id": "c", "event_name": "add_to_cart"},
        VIEW | {"event_at": "2026-03-01 23:52:00", "product_id": "d", "visitor_id": "bob"},
    ]

    assert collected(some, seen=seen, visits=[SESSION]) == [
        ("session", "2026-03-01", ["a"]),
        ("session", "2026-03-02", ["b"]),
    ]


def test_a_bots_session_is_none(some):
    seen = [VIEW | {"event_at": "2026-03-01 23:50:00", "product_id": "a"}]

    assert collected(some, seen=seen, visits=[SESSION | {"is_bot": True}]) == []


def test_of_a_large_basket_a_sample_counts_that_is_the_same_in_any_order(some):
    lines = [SOLD | {"product_id": f"p{number}"} for number in range(9)]
    large = [line | {"order_id": "o2"} for line in lines]

    forth = collected(some, lines + large, max_products=4)
    back = collected(some, (lines + large)[::-1], max_products=4)

    assert forth == back
    assert [len(set(products)) for _, _, products in forth] == [4, 4]
    assert forth[0] != forth[1]


def test_no_group_of_baskets_is_counted_row_by_row(some):
    rows = collect_baskets(some(order_lines), some(events), some(sessions))

    assert "PartiallySorted" not in rows._explain_string()


def test_members_are_counted_beside_all_groups_of_their_key(spark):
    groups = spark.createDataFrame(
        [("a", ["x", "y"]), ("a", ["x"]), ("a", []), ("b", ["y"])], "k string, m array<string>"
    )

    counted = count_members(groups, ["k"], "m", member="one", count="groups", whole="all")

    assert sorted(map(tuple, counted.collect())) == [("a", "x", 2, 3), ("a", "y", 1, 3), ("b", "y", 1, 1)]

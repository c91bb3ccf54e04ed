import pytest

from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_favourites import customer_favourites
from shoplake.tables.gold.predictions.customer_recommendations import customer_recommendations
from shoplake.tables.gold.predictions.recommendations import recommendations
from shoplake.tables.gold.products.product_baskets_daily import product_baskets_daily
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.products import products

FEED = {"feed": "shop"}
CATEGORIES = {
    "a": "toys",
    "b": "toys",
    "c": "toys",
    "d": "toys",
    "e": "toys",
    "f": "books",
    "g": "books",
    "off": "toys",
}
POPULAR = ("off", "g", "f", "e", "d", "c", "b", "a")
"""From the most popular one down."""
LISTS = {"a": {"b": 0.5, "c": 0.4, "off": 0.9}, "b": {"d": 0.3, "e": 0.2, "c": 0.1}}


def buy(product, day="2026-05-01", customer="ann", **changes):
    line = {"customer_id": customer, "product_id": product, "order_date": day, "status": "paid"}
    return FEED | line | {"kind": "sale", "line_class": "goods"} | changes


@pytest.fixture
def build(some):
    """The lists of customers of a small shop."""
    catalog = [
        FEED | {"product_id": name, "category": category, "valid_from": "2026-01-01", "is_available": name != "off"}
        for name, category in CATEGORIES.items()
    ]
    day = FEED | {"unit": "basket", "basket_date": "2026-05-01"}
    baskets = [day | {"product_id": name, "baskets": 9 - place} for place, name in enumerate(POPULAR)]
    common = FEED | {"kind": "together", "source": "pairs"}
    pairs = [
        common | {"product_id": product, "recommended_id": other, "score": score}
        for product, scores in LISTS.items()
        for other, score in scores.items()
    ]

    def build(*lines, customers=("ann",), favourite=None, **parameters):
        rows = customer_recommendations(
            some(customer_facts, *[FEED | {"customer_id": each} for each in customers]),
            some(customer_favourites, FEED | {"customer_id": "ann", "favourite_category": favourite}),
            some(order_lines, *lines),
            some(recommendations, *pairs),
            some(product_baskets_daily, *baskets),
            some(products, *catalog),
            **{"length": 4} | parameters,
        ).collect()
        lists = {name: [] for name in customers}
        for row in sorted(rows, key=lambda row: row["rank"]):
            lists[row.customer_id].append(row)
        return lists

    return build


def ids(rows):
    return [row.product_id for row in rows]


def test_scores_are_sums_over_what_was_bought_and_the_rest_is_popular(build):
    rows = build(buy("a"), buy("b"))["ann"]

    assert ids(rows) == ["c", "d", "e", "g"]
    assert [row.score for row in rows] == pytest.approx([0.5, 0.3, 0.2, None])
    assert [row.because for row in rows] == [["a", "b"], ["b"], ["b"], []]
    assert [row.source for row in rows] == ["history", "history", "history", "popular"]


def test_a_product_bought_sixty_days_before_the_last_purchase_counts_half(build):
    rows = build(buy("a", "2026-03-02"), buy("b"))["ann"]

    assert {row.product_id: row.score for row in rows}["c"] == pytest.approx(0.3)


def test_what_was_bought_comes_back_only_in_a_category_that_is_bought_again(build):
    assert "b" not in ids(build(buy("a"), buy("b"), length=8)["ann"])
    assert "b" in ids(build(buy("a"), buy("b"), rebuyable_categories=["toys"])["ann"])


def test_cancelled_orders_and_returns_are_no_purchases(build):
    rows = build(buy("a", status="cancelled"), buy("b", kind="return"))["ann"]

    assert {row.source for row in rows} == {"popular"}


def test_a_customer_without_an_order_has_the_popular_products(build):
    lists = build(buy("a"), customers=("ann", "new"))

    assert ids(lists["new"]) == ["g", "f", "e", "d"]
    assert [row["rank"] for row in lists["new"]] == [1, 2, 3, 4]


def test_popular_products_of_the_favourite_category_come_first(build):
    rows = build(buy("f"), favourite="books")["ann"]

    assert [(row.product_id, row.source) for row in rows][:2] == [("g", "category"), ("e", "popular")]


def test_at_most_three_are_of_a_category_while_there_are_others(build):
    assert ids(build(buy("a"), length=5)["ann"]) == ["b", "c", "g", "f", "e"]
    assert ids(build(buy("a"), length=5, max_of_category=1)["ann"]) == ["b", "g", "c", "f", "e"]


def test_lists_are_full_without_repeats_or_products_that_are_not_sold(build):
    lists = build(buy("a"), buy("b"), buy("d", customer="bob"), customers=("ann", "bob", "new"), length=5)

    for rows in lists.values():
        assert len(set(ids(rows)) - {"off"}) == len(rows) == 5


def test_a_customer_who_has_the_most_popular_products_gets_those_behind_them(build):
    assert ids(build(buy("g"), buy("f"), buy("e"), length=2)["ann"]) == ["d", "c"]

import pytest

from shoplake.tables.gold.predictions.recommendations import recommendations
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.products.personal_candidates import (
    MAX_HISTORY,
    add_personal_reasons,
    find_bought_products,
    find_personal_parts,
)

PRODUCT = ("feed", "customer_id", "product_id")
LINE = {"feed": "shop", "customer_id": "ann", "kind": "sale", "line_class": "goods", "order_date": "2026-05-01"}
PAIR = {"feed": "shop", "kind": "together", "source": "pairs", "recommended_id": "x", "score": 0.1}


def test_the_last_day_of_a_product_counts(some):
    lines = [LINE | {"product_id": "a", "order_date": day} for day in ("2026-05-01", "2026-03-01")]
    guest = LINE | {"product_id": "a", "customer_id": None}

    [row] = find_bought_products(some(order_lines, *lines, guest)).collect()

    assert (row.customer_id, row.product_id, str(row.last_on)) == ("ann", "a", "2026-05-01")


def test_the_three_greatest_parts_are_the_reasons(some):
    bought = find_bought_products(some(order_lines, *[LINE | {"product_id": name} for name in "abcd"]))
    pairs = [
        PAIR | {"product_id": name, "score": score} for name, score in zip("abcd", (0.1, 0.4, 0.2, 0.3), strict=True)
    ]

    lists = some(recommendations, *pairs)
    listed = find_personal_parts(bought, lists).select(*PRODUCT).distinct()
    [row] = add_personal_reasons(listed, PRODUCT, bought, lists).collect()

    assert row.because == ["b", "d", "c"]


def test_a_listed_product_that_nothing_led_to_has_no_reason(some):
    bought = find_bought_products(some(order_lines, *[LINE | {"product_id": name} for name in "ax"]))
    lists = some(recommendations, PAIR | {"product_id": "a"})

    rows = add_personal_reasons(bought.select(*PRODUCT), PRODUCT, bought, lists).collect()

    assert {row.product_id: row.because for row in rows} == {"a": [], "x": ["a"]}


def test_only_pairs_that_are_bought_together_count(some):
    bought = find_bought_products(some(order_lines, LINE | {"product_id": "a"}))
    others = [PAIR | {"product_id": "a"} | change for change in ({"kind": "similar"}, {"source": "popular"})]

    assert find_personal_parts(bought, some(recommendations, *others)).collect() == []


def test_a_long_history_counts_with_its_last_products(some):
    names = [f"p{number:03}" for number in range(MAX_HISTORY + 5)]
    lines = [LINE | {"product_id": name} for name in names[:-1]]
    old = LINE | {"product_id": names[-1], "order_date": "2026-04-01"}
    bought = find_bought_products(some(order_lines, *lines, old))
    pairs = [PAIR | {"product_id": name} for name in names]

    parts = find_personal_parts(bought, some(recommendations, *pairs)).collect()

    assert [row["_part"] for row in parts] == [pytest.approx(0.1)] * MAX_HISTORY

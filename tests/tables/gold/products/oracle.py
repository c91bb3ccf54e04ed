"""Random orders, and what they contain together, in plain Python."""

import random
from collections import Counter
from itertools import combinations

PRODUCTS = [f"p{number}" for number in range(8)]


def draw_lines(orders=120, seed=5):
    """Lines of orders on three days, in which p0 and p1 are mostly together."""
    rng = random.Random(seed)
    lines = []
    for number in range(orders):
        chosen = set(rng.sample(PRODUCTS[2:], rng.randint(1, 3)))
        chosen |= {"p0", "p1"} if rng.random() < 0.3 else set()
        order = {"feed": "shop", "order_id": f"o{number}", "order_date": f"2026-03-0{number % 3 + 1}"}
        order |= {"kind": "sale", "line_class": "goods", "quantity": rng.randint(1, 3)}
        order["status"] = "cancelled" if rng.random() < 0.1 else "paid"
        lines += [order | {"product_id": product} for product in sorted(chosen)]
    return lines


def baskets_of(lines):
    """The products of each order that is not cancelled, by day and order."""
    baskets = {}
    for line in lines:
        if line["status"] != "cancelled":
            baskets.setdefault((line["order_date"], line["order_id"]), set()).add(line["product_id"])
    return baskets


def count_pairs(lines):
    return Counter(
        (day, *pair) for (day, _), products in baskets_of(lines).items() for pair in combinations(sorted(products), 2)
    )


def count_products(lines):
    return Counter((day, product) for (day, _), products in baskets_of(lines).items() for product in products)


def count_days(lines):
    return Counter(day for day, _ in baskets_of(lines))

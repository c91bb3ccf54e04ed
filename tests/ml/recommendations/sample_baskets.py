"""Random baskets of products `p00` … `p19`: low numbers are popular, pairs (2k, 2k + 1) belong together."""

import random


def draw_baskets(number, products=20, seed=5):
    """Return baskets of one to six products."""
    chance = random.Random(seed)
    baskets = []
    for _ in range(number):
        basket = {int(products * chance.random() ** 2) for _ in range(chance.randint(1, 4))}
        basket |= {each ^ 1 for each in basket if chance.random() < 0.4}
        baskets.append([f"p{each:02}" for each in sorted(basket)])
    return baskets

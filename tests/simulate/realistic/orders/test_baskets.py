import numpy as np

from shoplake.simulate.realistic.orders.baskets import MAX_LINES, draw_baskets, number_lines


def test_lines_are_numbered_within_their_order_and_a_product_is_there_once():
    order, product = np.array([1, 0, 1, 1]), np.array([5, 5, 7, 5])

    lines = number_lines(np.random.default_rng(1), order, product, 10)

    rows = zip(lines.order.tolist(), lines.number.tolist(), lines.product.tolist(), strict=True)
    assert list(rows) == [(0, 1, 5), (1, 1, 5), (1, 2, 7)]
    assert (lines.quantity >= 1).all()


def test_every_order_has_lines(world):
    at = np.linspace(world.lives.opened, world.lives.closed - 1, 500).astype(np.int64)

    lines = draw_baskets(np.random.default_rng(1), at, world.catalogue)

    counts = np.bincount(lines.order, minlength=500)
    assert counts.min() == 1 < counts.mean() < counts.max() <= MAX_LINES + 8


def test_lines_of_kept_orders_are_numbered_again():
    lines = number_lines(np.random.default_rng(1), np.array([0, 1, 2]), np.array([3, 4, 5]), 10)

    kept = lines.of_orders(np.array([True, False, True]))

    assert (kept.order.tolist(), kept.product.tolist()) == ([0, 1], [3, 5])

from fractions import Fraction
from unittest.mock import patch

import numpy as np
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.attribution import credits
from shoplake.transforms.attribution.credits import allocate

order = st.tuples(
    st.integers(-(10**16), 10**16),
    st.sampled_from([1, 10, 100, 10_000]),
    st.lists(st.integers(0, 10**8), min_size=1, max_size=5).filter(any),
)


def by_hand(total, step, weights):
    """Whole steps by the largest remainder; what is less than a step goes to the row after those."""
    units, left = divmod(abs(total), step)
    exact = [Fraction(units * weight, sum(weights)) for weight in weights]
    parts = [int(each) for each in exact]
    ranked = sorted(range(len(weights)), key=lambda row: (parts[row] - exact[row], not weights[row], row))
    missing = units - sum(parts)
    for row in ranked[:missing]:
        parts[row] += 1
    amounts = [part * step for part in parts]
    amounts[ranked[missing]] += left
    return [amount if total >= 0 else -amount for amount in amounts]


def parts(*orders):
    sizes = [len(weights) for _, _, weights in orders]
    total, step = (np.repeat([each[place] for each in orders], sizes).astype(np.int64) for place in (0, 1))
    weight = np.array([weight for _, _, weights in orders for weight in weights], np.int64)
    return allocate(total, step, weight, np.repeat(np.arange(len(orders)), sizes)).tolist()


@settings(max_examples=examples(100))
@given(st.lists(order, max_size=4))
def test_the_parts_are_those_of_exact_fractions(orders):
    assert parts(*orders) == [part for each in orders for part in by_hand(*each)]


@settings(max_examples=examples(100))
@given(st.lists(order, max_size=4))
def test_parts_of_weights_that_are_too_large_for_one_key_are_the_same(orders):
    with patch.object(credits, "MAX_KEY", 0):
        found = parts(*orders)

    assert found == parts(*orders)


@settings(max_examples=examples(100))
@given(order)
def test_the_parts_add_up_to_the_total(each):
    assert sum(parts(each)) == each[0]


def test_a_hundred_pounds_over_three_equal_touches():
    assert parts((1_000_000, 100, [1, 1, 1])) == [333_400, 333_300, 333_300]


def test_a_touch_without_weight_has_not_even_half_a_cent():
    assert parts((150, 100, [0, 1])) == [0, 150]


def test_half_a_cent_is_not_lost():
    assert parts((150, 100, [1, 1])) == [100, 50]

from collections import Counter
from itertools import pairwise

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.attribution.markov import (
    CONVERSION,
    NONE,
    START,
    fit_removal_effects,
    removal_effects,
)

paths = st.lists(st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.booleans()), max_size=8)


def transitions(*rows):
    """The transitions of paths, each a text of channels and whether it converts."""
    counts = Counter()
    for channels, converts in rows:
        states = [START, *channels, CONVERSION if converts else NONE]
        counts.update(pairwise(states))
    return counts


def conversion_rate(counts, removed=None):
    """The chance of a conversion by following the chain for a long time."""
    leaving = Counter()
    for (come_from, _), count in counts.items():
        leaving[come_from] += count
    mass, converted = {START: 1.0}, 0.0
    for _ in range(400):
        following = Counter()
        for state, share in mass.items():
            for (come_from, go_to), count in counts.items():
                if come_from == state:
                    following[go_to] += share * count / leaving[state]
        converted += following.pop(CONVERSION, 0.0)
        mass = {state: share for state, share in following.items() if state not in (NONE, removed)}
    return converted


def test_a_channel_that_every_conversion_passes_has_effect_1_and_one_beside_them_0():
    counts = transitions(("a", True), ("ab", False), ("a", True))

    assert removal_effects(counts) == {"a": pytest.approx(1), "b": pytest.approx(0)}


def test_without_conversions_all_effects_are_0():
    assert removal_effects(transitions(("ab", False))) == {"a": 0.0, "b": 0.0}


@settings(max_examples=examples(40))
@given(paths)
def test_the_effects_are_those_of_following_the_chain(rows):
    counts = transitions(*rows)
    whole = conversion_rate(counts)

    for channel, effect in removal_effects(counts).items():
        expected = 1 - conversion_rate(counts, channel) / whole if whole else 0
        assert effect == pytest.approx(expected, abs=1e-6)
        assert 0 <= effect <= 1


def test_each_group_is_fitted_by_itself_and_its_weights_add_up_to_1(spark):
    groups = {"one": transitions(("ab", True), ("b", False)), "two": transitions(("c", True))}
    rows = [(name, *pair, count) for name, counts in groups.items() for pair, count in counts.items()]
    table = spark.createDataFrame(rows, "feed string, come_from string, go_to string, count bigint")

    fitted = fit_removal_effects(table, ["feed"]).collect()

    assert {(row.feed, row.channel): row.effect for row in fitted} == {
        (name, channel): pytest.approx(effect)
        for name, counts in groups.items()
        for channel, effect in removal_effects(counts).items()
    }
    assert sum(row.weight for row in fitted if row.feed == "one") == pytest.approx(1)

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplake.transforms.hierarchy import NO_POSITION, TreePosition, pick_parents, resolve_hierarchy, tree_positions

NODES = st.sampled_from("abcdefgh")
TREES = st.dictionaries(NODES, st.none() | st.sampled_from("abcdefghxy"))


def climbed(parents, node):
    """The way from a node up to where it ends, by asking again and again; None if it never does."""
    way = [node]
    while (parent := parents[way[-1]]) in parents:
        way.append(parent)
        if len(way) > len(parents):
            return None
    return way


def test_a_category_stands_below_its_root_and_knows_the_way():
    found = tree_positions({"c": "b", "a": None, "b": "a"})

    assert found == {
        "a": TreePosition("a", 0, "a"),
        "b": TreePosition("a", 1, "a/b"),
        "c": TreePosition("a", 2, "a/b/c"),
    }


def test_one_whose_parent_is_not_there_is_an_orphan_and_the_root_of_those_below():
    found = tree_positions({"b": "gone", "c": "b"})

    assert found == {"b": TreePosition("b", 0, "b", "orphan"), "c": TreePosition("b", 1, "b/c")}


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}])
def test_what_leads_into_a_circle_stands_nowhere_and_the_walk_ends(parents):
    assert tree_positions(parents | {"ok": None}) == dict.fromkeys(parents, NO_POSITION) | {
        "ok": TreePosition("ok", 0, "ok")
    }


def test_a_chain_far_deeper_than_pythons_stack_is_walked():
    parents = {str(number): str(number - 1) for number in range(1, 5_000)} | {"0": None}

    assert tree_positions(parents)["4999"].depth == 4_999


@given(TREES, st.randoms(use_true_random=False))
def test_every_place_is_that_of_a_climb_whatever_the_order(parents, chance: random.Random):
    shuffled = dict(chance.sample(list(parents.items()), len(parents)))

    for node, place in tree_positions(shuffled).items():
        way = climbed(parents, node)
        if way is None:
            assert place == NO_POSITION
        else:
            is_orphan = len(way) == 1 and parents[node] is not None
            assert place == TreePosition(
                way[-1], len(way) - 1, "/".join(reversed(way)), "orphan" if is_orphan else None
            )


def test_the_last_file_counts_and_in_it_the_greatest_parent_whatever_the_order():
    told = [("2015", "a", "z"), ("2016", "a", "b"), ("2016", "a", "c"), ("2016", "r", None), ("2015", "old", None)]

    for seed in range(5):
        shuffled = random.Random(seed).sample(told, len(told))
        assert pick_parents(shuffled) == ({"a": "c", "r": None, "old": None}, {"a"})


def test_a_feeds_pairs_become_rows_with_what_is_wrong():
    names = ["feed", "file", "node", "parent"]
    rows = [
        ("s", "t", "a", None),
        ("s", "t", "b", "a"),
        ("s", "t", "b", "0"),
        ("s", "t", "c", "c"),
        ("s", "t", None, "a"),
    ]

    found = resolve_hierarchy(pd.DataFrame(rows, columns=names)).astype(object)

    assert found.where(found.notna(), None).to_numpy().tolist() == [
        ["s", "a", None, "a", 0, "a", None],
        ["s", "b", "a", "a", 1, "a/b", "several_parents"],
        ["s", "c", "c", None, None, None, "circle"],
    ]

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplake.transforms.sales.hierarchy import (
    NO_POSITION,
    TreePosition,
    pick_parents,
    resolve_hierarchy,
    tree_positions,
)

NODES = st.sampled_from("abcdefgh")
TREES = st.dictionaries(NODES, st.none() | st.sampled_from("abcdefghxy"))


def ancestors(parents, node):
    """The path from a node to its root by repeated lookup; None if it never ends."""
    path = [node]
    while (parent := parents[path[-1]]) in parents:
        path.append(parent)
        if len(path) > len(parents):
            return None
    return path


def test_a_category_has_its_root_depth_and_path():
    positions = tree_positions({"c": "b", "a": None, "b": "a"})

    assert positions == {
        "a": TreePosition("a", 0, "a"),
        "b": TreePosition("a", 1, "a/b"),
        "c": TreePosition("a", 2, "a/b/c"),
    }


def test_a_node_without_its_parent_is_an_orphan_and_the_root_of_its_descendants():
    positions = tree_positions({"b": "gone", "c": "b"})

    assert positions == {"b": TreePosition("b", 0, "b", "orphan"), "c": TreePosition("b", 1, "b/c")}


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}])
def test_nodes_that_lead_into_a_circle_have_no_position(parents):
    assert tree_positions(parents | {"ok": None}) == dict.fromkeys(parents, NO_POSITION) | {
        "ok": TreePosition("ok", 0, "ok")
    }


def test_a_chain_deeper_than_pythons_stack_is_resolved():
    parents = {str(number): str(number - 1) for number in range(1, 5_000)} | {"0": None}

    assert tree_positions(parents)["4999"].depth == 4_999


@given(TREES, st.randoms(use_true_random=False))
def test_every_position_is_that_of_a_lookup_loop_in_any_order(parents, rng: random.Random):
    shuffled = dict(rng.sample(list(parents.items()), len(parents)))

    for node, position in tree_positions(shuffled).items():
        path = ancestors(parents, node)
        if path is None:
            assert position == NO_POSITION
        else:
            is_orphan = len(path) == 1 and parents[node] is not None
            assert position == TreePosition(
                path[-1], len(path) - 1, "/".join(reversed(path)), "orphan" if is_orphan else None
            )


def test_the_last_file_wins_and_in_it_the_greatest_parent_in_any_order():
    pairs = [("2015", "a", "z"), ("2016", "a", "b"), ("2016", "a", "c"), ("2016", "r", None), ("2015", "old", None)]

    for seed in range(5):
        shuffled = random.Random(seed).sample(pairs, len(pairs))
        assert pick_parents(shuffled) == ({"a": "c", "r": None, "old": None}, {"a"})


def test_the_pairs_of_a_feed_become_rows_with_their_problems():
    names = ["feed", "arrived", "node", "parent"]
    rows = [
        ("s", "t", "a", None),
        ("s", "t", "b", "a"),
        ("s", "t", "b", "0"),
        ("s", "t", "c", "c"),
        ("s", "t", None, "a"),
    ]

    positions = resolve_hierarchy(pd.DataFrame(rows, columns=names)).astype(object)

    assert positions.where(positions.notna(), None).to_numpy().tolist() == [
        ["s", "a", None, "a", 0, "a", None],
        ["s", "b", "a", "a", 1, "a/b", "several_parents"],
        ["s", "c", "c", None, None, None, "circle"],
    ]

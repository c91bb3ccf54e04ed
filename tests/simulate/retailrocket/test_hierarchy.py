import pytest

from shoplake.simulate.retailrocket.hierarchy import MAX_CATEGORIES, generate_tree


@pytest.mark.parametrize(("items", "count"), [(1, 3), (400, 100), (420_000, MAX_CATEGORIES)])
def test_there_are_fewer_categories_for_fewer_items(items, count):
    assert len(generate_tree(7, items).ids) == count


def test_every_category_but_the_roots_stands_below_an_earlier_one():
    tree = generate_tree(7, 4_000)

    for number, (parent, depth) in enumerate(zip(tree.parent.tolist(), tree.depth.tolist(), strict=True)):
        assert parent < number
        assert depth == (0 if parent < 0 else tree.depth[parent] + 1)
    assert sorted(tree.ids.tolist()) == list(range(1, 1_001))


def test_a_root_has_no_parent_in_its_line():
    tree = generate_tree(7, 12)

    assert len([line for line in tree.lines().to_pylist() if line.endswith(",\n")]) == (tree.parent < 0).sum()

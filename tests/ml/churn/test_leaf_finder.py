import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.forest import ForestScorer, fit_forest
from shoplake.ml.churn.leaf_finder import LeafFinder


def trees_of(rng, depth, rows=400):
    from sklearn.ensemble import RandomForestClassifier  # slow to import

    values = np.round(rng.gamma(1.0, 5.0, (rows, 6)), 1).astype(np.float32)
    forest = RandomForestClassifier(9, max_depth=depth, random_state=1).fit(values, values.sum(axis=1) > 30)
    return values, [each.tree_ for each in forest.estimators_]


@pytest.mark.parametrize("depth", [1, 3, 8, 9, 14])
@pytest.mark.parametrize("count", [1, 63, 64, 65, 400])
def test_rows_end_in_the_leaves_to_which_a_walk_leads(depth, count):
    values, trees = trees_of(np.random.default_rng(depth), depth)

    found = list(LeafFinder(trees).leaves(values[:count]))

    assert all(np.array_equal(one, tree.apply(values[:count])) for one, tree in zip(found, trees, strict=True))


def test_a_value_at_a_threshold_goes_left_as_in_a_walk():
    _, trees = trees_of(np.random.default_rng(1), 8)
    cuts = np.concatenate([tree.threshold[tree.children_left != -1] for tree in trees]).astype(np.float32)
    near = np.concatenate([cuts, np.nextafter(cuts, np.float32(np.inf)), np.nextafter(cuts, np.float32(-np.inf))])
    rows = np.repeat(near[:, None], 6, axis=1)

    found = list(LeafFinder(trees).leaves(rows))

    assert all(np.array_equal(one, tree.apply(rows)) for one, tree in zip(found, trees, strict=True))


def test_a_tree_without_a_split_has_one_leaf():
    forest = fit_forest(np.zeros((9, 2)), np.arange(9) % 2, seed=1, trees=2)

    found = list(LeafFinder([each.tree_ for each in forest.estimators_]).leaves(np.zeros((3, 2), np.float32)))

    assert [each.tolist() for each in found] == [[0, 0, 0], [0, 0, 0]]


def test_missing_values_and_large_trees_have_the_contributions_of_a_walk(monkeypatch):
    train, values = churn_rows().part("train"), churn_rows().part("test").values.copy()
    forest = fit_forest(train.values, train.is_churned, seed=1, trees=5)
    by_bits = ForestScorer(forest).contributions(values)

    monkeypatch.setattr("shoplake.ml.churn.leaf_finder.MAX_NODES", 0)
    assert np.array_equal(ForestScorer(forest).contributions(values), by_bits)

    values[3, 1] = np.nan
    monkeypatch.undo()
    assert np.array_equal(np.delete(ForestScorer(forest).contributions(values), 3, 0), np.delete(by_bits, 3, 0))

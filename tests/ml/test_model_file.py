import io
import json
import zipfile

import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.forest import fit_forest
from shoplake.ml.model_errors import ModelFileError
from shoplake.ml.model_file import TRUSTED, check_tree, dump_forest, file_hash, load_forest


def forest(seed=1):
    rows = churn_rows().part("train")
    return fit_forest(rows.values, rows.is_churned, seed=seed, trees=4)


@pytest.fixture(scope="module")
def content():
    return dump_forest(forest())


def test_equal_forests_give_equal_bytes_and_others_do_not(content):
    assert dump_forest(forest()) == content
    assert dump_forest(forest(seed=2)) != content


def test_a_forest_predicts_the_same_after_it_was_read(content):
    values = churn_rows().part("test").values.astype(np.float32)

    read = load_forest(content, file_hash(content), 5)

    assert np.array_equal(read.predict_proba(values), forest().predict_proba(values))


def test_a_swapped_file_is_refused_before_it_is_opened(content, monkeypatch):
    opened = []
    monkeypatch.setattr("skops.io.get_untrusted_types", opened.append)

    with pytest.raises(ModelFileError, match="not the file that was registered"):
        load_forest(dump_forest(forest(seed=2)), file_hash(content), 5)
    assert opened == []


def test_the_trusted_types_are_a_constant_and_others_are_refused():
    import skops.io  # slow to import, with scikit-learn

    def evil():
        return None

    bad = skops.io.dumps({"forest": evil})

    assert TRUSTED == ("sklearn.tree._tree.Tree",)
    with pytest.raises(ModelFileError, match="which no model of shoplake is made of"):
        load_forest(bad, file_hash(bad), 5)


def test_a_model_of_another_kind_is_refused():
    import skops.io
    from sklearn.linear_model import LogisticRegression

    rows = churn_rows().part("train")
    other = skops.io.dumps(LogisticRegression().fit(rows.values[:, :2], rows.is_churned))

    with pytest.raises(ModelFileError, match="LogisticRegression, not a RandomForestClassifier"):
        load_forest(other, file_hash(other), 2)


def test_a_forest_of_other_features_is_refused(content):
    with pytest.raises(ModelFileError, match="two classes and 9 features"):
        load_forest(content, file_hash(content), 9)


@pytest.mark.parametrize(
    ("field", "node", "value", "problem"),
    [
        ("left_child", 0, 9_999, "a child is outside"),
        ("right_child", 0, 0, "a child is outside"),
        ("feature", 0, 5, "a feature does not exist"),
        ("threshold", 0, np.nan, "a threshold is not finite"),
    ],
)
def test_a_tree_whose_nodes_point_outside_is_refused(field, node, value, problem):
    state = forest().estimators_[0].tree_.__getstate__()
    state["nodes"] = state["nodes"].copy()
    check_tree(state, 5)

    state["nodes"][field][node] = value

    with pytest.raises(ModelFileError, match=problem):
        check_tree(state, 5)


def test_a_file_with_a_broken_tree_and_a_right_hash_is_refused(content):
    source = zipfile.ZipFile(io.BytesIO(content))
    members = {name: source.read(name) for name in source.namelist()}
    for name in members:
        if name.endswith(".npy"):
            array = np.load(io.BytesIO(members[name]), allow_pickle=False)
            if array.dtype.names and "left_child" in array.dtype.names:
                array["left_child"][0] = 10**6
                target = io.BytesIO()
                np.save(target, array)
                members[name] = target.getvalue()
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)

    with pytest.raises(ModelFileError, match="cannot be walked"):
        load_forest(broken.getvalue(), file_hash(broken.getvalue()), 5)


def test_nothing_in_a_file_depends_on_the_process_that_wrote_it(content):
    archive = zipfile.ZipFile(io.BytesIO(content))

    schema = json.loads(archive.read("schema.json"))

    assert schema["__id__"] == 0
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

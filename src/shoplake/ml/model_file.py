"""Files of trained forests: written in a canonical form by skops, checked by hash and by structure before use.

Nothing is ever unpickled. The types that a file may hold are a constant of this module and do not come from the file.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake.ml.model_errors import ModelFileError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.ensemble import RandomForestClassifier

TRUSTED = ("sklearn.tree._tree.Tree",)
"""Everything else that a forest is made of, skops itself knows to be safe."""
SCHEMA = "schema.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
LEAF = -1


def dump_forest(forest: RandomForestClassifier) -> bytes:
    """Return a forest as a file. Equal forests give equal bytes: names, times and unused bytes are normalized."""
    import skops.io  # takes seconds, with scikit-learn

    source = zipfile.ZipFile(io.BytesIO(skops.io.dumps(forest)))
    numbers: dict[Any, int] = {}
    schema = _renumber(json.loads(source.read(SCHEMA)), numbers)
    members = {SCHEMA: json.dumps(schema, separators=(",", ":")).encode()}
    for name in source.namelist():
        stem, _, extension = name.partition(".")
        if name != SCHEMA:
            members[f"{numbers[int(stem)]}.{extension}"] = _normalize_array(source.read(name))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED, 6)
    return target.getvalue()


def file_hash(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def load_forest(content: bytes, sha256: str, features: int) -> RandomForestClassifier:
    """Return the forest in a file whose hash is recorded. Raises ModelFileError for another file, before it is opened.

    Also raised for a file with types that are not trusted, and for trees whose nodes point outside of them.
    """
    import skops.io  # takes seconds, with scikit-learn
    from sklearn.ensemble import RandomForestClassifier

    if file_hash(content) != sha256:
        raise ModelFileError("it is not the file that was registered: its SHA-256 differs")
    unknown = set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED)
    if unknown:
        raise ModelFileError(f"it holds {', '.join(sorted(unknown))}, which no model of shoplake is made of")
    forest = skops.io.loads(content, trusted=list(TRUSTED))
    if type(forest) is not RandomForestClassifier:
        raise ModelFileError(f"it holds a {type(forest).__name__}, not a RandomForestClassifier")
    if list(forest.classes_) != [0.0, 1.0] or forest.n_features_in_ != features or not forest.estimators_:
        raise ModelFileError(f"it is not a forest of two classes and {features} features")
    for tree in forest.estimators_:
        check_tree(tree.tree_.__getstate__(), features)
    return forest


def check_tree(state: dict[str, Any], features: int) -> None:
    """Raise ModelFileError unless a tree can be walked: children are inside it and behind their parent."""
    nodes, values = state["nodes"], state["values"]
    count = len(nodes)
    left, right, feature = nodes["left_child"], nodes["right_child"], nodes["feature"]
    is_leaf = left == LEAF
    parents = np.flatnonzero(~is_leaf)
    problems = (
        (count == 0 or state["node_count"] != count or values.shape != (count, 1, 2), "its arrays differ in length"),
        (bool((right[is_leaf] != LEAF).any()), "a leaf has a child"),
        (_outside(left[parents], parents, count) or _outside(right[parents], parents, count), "a child is outside"),
        (bool(((feature[parents] < 0) | (feature[parents] >= features)).any()), "a feature does not exist"),
        (not np.isfinite(nodes["threshold"][parents]).all(), "a threshold is not finite"),
        (not (np.isfinite(values).all() and (values >= 0).all()), "a value is no share"),
    )
    for is_broken, problem in problems:
        if is_broken:
            raise ModelFileError(f"a tree cannot be walked: {problem}")


def _outside(children: NDArray[Any], parents: NDArray[Any], count: int) -> bool:
    return bool(((children <= parents) | (children >= count)).any())


def _renumber(node: Any, numbers: dict[Any, int]) -> Any:
    """Return a schema whose object numbers are in order of appearance instead of addresses in memory."""
    if isinstance(node, list):
        return [_renumber(each, numbers) for each in node]
    if not isinstance(node, dict):
        return node
    if "__id__" in node:
        number = numbers.setdefault(node["__id__"], len(numbers))
        node = node | {"__id__": number}
        if isinstance(file := node.get("file"), str):
            node["file"] = f"{number}.{file.partition('.')[2]}"
    return {name: _renumber(each, numbers) for name, each in node.items()}


def _normalize_array(content: bytes) -> bytes:
    """Return an array file without what was never written: gaps between fields, and flags of leaves."""
    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names:
        clean = np.zeros(array.shape, array.dtype)
        for name in array.dtype.names:
            clean[name] = array[name]
        if {"left_child", "missing_go_to_left"} <= set(array.dtype.names):
            clean["missing_go_to_left"][clean["left_child"] == LEAF] = 0
        array = clean
    target = io.BytesIO()
    np.save(target, array, allow_pickle=False)
    return target.getvalue()

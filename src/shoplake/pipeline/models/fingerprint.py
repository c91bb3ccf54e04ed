"""Hashes of what a model was made of: rows, declarations of features, and code."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from shoplake import ml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.declare import Feature
    from shoplake.ml.churn.rows import ChurnRows

LIBRARIES = ("scikit-learn", "skops", "numpy")


def hash_features(features: Sequence[Feature]) -> str:
    """Return the hash of declarations: their values, and the source of their aggregates."""
    described = [
        {each.name: str(getattr(feature, each.name)) for each in fields(feature) if each.name != "aggregate"}
        | {"source_code": inspect.getsource(feature.aggregate)}
        for feature in features
    ]
    return _hash(json.dumps(described, sort_keys=True).encode())


def hash_code() -> str:
    """Return the hash of the modules that train models."""
    folder = Path(str(ml.__file__)).parent
    files = sorted(folder.rglob("*.py"))
    return _hash(*[str(path.relative_to(folder)).encode() + path.read_bytes() for path in files])


def hash_rows(rows: ChurnRows) -> str:
    """Return the hash of a training set in its order."""
    texts = "\n".join(f"{customer} {split}" for customer, split in zip(rows.customers, rows.split, strict=True))
    numbers = np.ascontiguousarray(np.column_stack([rows.values, rows.is_churned]))
    return _hash(json.dumps(rows.names).encode(), texts.encode(), numbers.tobytes())


def library_versions() -> dict[str, Any]:
    """Return the versions of the libraries that the bytes of a model depend on."""
    return {name: version(name) for name in LIBRARIES}


def _hash(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()

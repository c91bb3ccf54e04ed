"""Scores batches of rows inside the engine, wherever it runs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shoplake.ml.churn.calibration import load_calibration
from shoplake.ml.churn.forest import BLOCK
from shoplake.ml.churn.model import ChurnModel
from shoplake.ml.churn.reasons import top_reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

KEY = ("feed", "customer_id", "as_of_date")
LOADING = Lock()
"""Held by the thread that loads a model, so that others that need it wait instead of loading it too."""


@dataclass(frozen=True)
class ModelRecord:
    """A registered model with the content of its file: everything that scoring needs, and nothing that is code."""

    version: int
    content: bytes
    sha256: str
    names: tuple[str, ...]
    calibration: Mapping[str, Any]
    meanings: Mapping[str, str]
    defaults: Mapping[str, float] = field(default_factory=dict)

    def load(self) -> ChurnModel:
        """Return the model. Raises ModelFileError for a file that is not the registered one."""
        from shoplake.ml.model_file import load_forest  # imports scikit-learn, which takes a second

        forest = load_forest(self.content, self.sha256, len(self.names))
        return ChurnModel(forest, load_calibration(self.calibration), self.names)


@dataclass(frozen=True)
class BatchScorer:
    """Turns batches of `gold.churn_features` into rows of `gold.churn_scores`."""

    record: ModelRecord

    def prepare(self) -> None:
        """Load the model in this process, where scorers of the same model then use it.

        Raises ModelFileError for a file that is not the registered one.
        """
        self._model()

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Score rows in blocks, as each tree costs the same for few; the model is loaded once per process."""
        for rows in _combine(batches, BLOCK):
            yield self._score(rows)

    def _score(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        model = self._model()
        values = feature_matrix(batch, model.names, self.record.defaults)
        probability, contributions = model.explain(values)
        count = batch.num_rows
        return pa.RecordBatch.from_arrays(
            [
                *[batch.column(name) for name in KEY],
                pa.array(probability, pa.float64()),
                pa.array(np.full(count, model.base), pa.float64()),
                top_reasons(model.names, values, contributions, self.record.meanings),
                pa.array(np.full(count, self.record.version), pa.int32()),
            ],
            names=[*KEY, "churn_probability", "base_probability", "churn_reasons", "model_version"],
        )

    def _model(self) -> ChurnModel:
        with LOADING:
            return _load(self)

    def __eq__(self, other: object) -> bool:
        """Whether both score by the same model."""
        return isinstance(other, BatchScorer) and other.record == self.record

    def __hash__(self) -> int:
        return hash(self.record.sha256)


def feature_matrix(batch: pa.RecordBatch, names: tuple[str, ...], defaults: Mapping[str, float]) -> NDArray[np.float64]:
    """Return rows × features of a batch; a feature that is no column is one of the project, in `own_features`.

    One that is missing there has its default.
    """
    present = set(batch.schema.names)
    own: list[dict[str, float]] = []
    if any(name not in present for name in names):
        own = [json.loads(text or "{}") for text in batch.column("own_features").to_pylist()]
    columns = [
        np.asarray(batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False))
        if name in present
        else np.array([row.get(name, defaults.get(name, 0.0)) for row in own], float)
        for name in names
    ]
    return np.column_stack(columns)


def _combine(batches: Iterable[pa.RecordBatch], least: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of batches in batches of `least` rows or more, the last one excepted."""
    pending: list[pa.RecordBatch] = []
    for batch in batches:
        pending.append(batch)
        if sum(each.num_rows for each in pending) >= least:
            yield pa.concat_batches(pending)
            pending = []
    if any(each.num_rows for each in pending):
        yield pa.concat_batches(pending)


@lru_cache(maxsize=2)
def _load(scorer: BatchScorer) -> ChurnModel:
    model = scorer.record.load()
    model.scorer.prepare()
    return model
